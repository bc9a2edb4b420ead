"""Frozen dataclasses as plain values (what JSON and TOML hold), and back with every value checked.

A file about a machine can come from another person: a wrong type, a negative or an endless number
is a FormatError that names the field. It knows text, numbers, truth values, words of a StrEnum,
tuples and dataclasses of those; nothing else is needed here.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from enum import StrEnum
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from freehold.errors import FormatError

_T = TypeVar("_T")
_HIGHEST = 2**63
_WORDS = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    tuple: "a list",
}


def to_plain(value: Any) -> Any:
    """Dictionaries, lists, text, numbers, truth values and None, in the order of the fields."""
    if is_dataclass(value):
        return {each.name: to_plain(getattr(value, each.name)) for each in fields(value)}
    if isinstance(value, tuple):
        return [to_plain(each) for each in value]
    return str(value) if isinstance(value, StrEnum) else value


def from_plain(kind: type[_T], value: object, what: str, *, strict: bool = False) -> _T:
    """Build the dataclass `kind`; `what` is what to call the value in a FormatError.

    Keys that `kind` lacks are passed over, since a newer Freehold may have written them; `strict`
    refuses them, for files that people write by hand.
    """
    if not isinstance(value, Mapping):
        raise _wrong(what, "a table of fields", value)
    hints = get_type_hints(kind)
    if strict and (odd := sorted(set(value) - set(hints))):
        raise FormatError(f"{what} has a field that does not exist: {odd[0]}.")
    made: dict[str, Any] = {}
    for each in fields(kind):  # type: ignore[arg-type]  # mypy has no word for "a dataclass"
        if each.name in value:
            name = f"{what}: {each.name}" if ": " not in what else f"{what}.{each.name}"
            made[each.name] = _read(hints[each.name], value[each.name], name, strict)
        elif each.default is MISSING and each.default_factory is MISSING:
            raise FormatError(f"{what} lacks {each.name}.")
    return kind(**made)


def _read(hint: Any, value: object, what: str, strict: bool) -> Any:
    if get_origin(hint) is UnionType:
        if value is None and NoneType in get_args(hint):
            return None
        hint = next(each for each in get_args(hint) if each is not NoneType)
    if get_origin(hint) is tuple:
        if not isinstance(value, list | tuple):
            raise _wrong(what, _WORDS[tuple], value)
        inner = get_args(hint)[0]
        return tuple(_read(inner, each, f"{what}[{i}]", strict) for i, each in enumerate(value))
    if is_dataclass(hint) and isinstance(hint, type):
        return from_plain(hint, value, what, strict=strict)
    if issubclass(hint, StrEnum):
        return _word(hint, value, what)
    return _scalar(hint, value, what)


def _scalar(hint: type, value: object, what: str) -> Any:
    if hint is float and isinstance(value, int) and not isinstance(value, bool):
        value = float(value) if abs(value) < _HIGHEST else math.inf
    if not isinstance(value, hint) or (hint is int and isinstance(value, bool)):
        raise _wrong(what, _WORDS[hint], value)
    if isinstance(value, int | float) and not (0 <= value < _HIGHEST):
        raise FormatError(f"{what} is {value}: not a figure that any machine has.")
    return value


def _word(hint: type[StrEnum], value: object, what: str) -> StrEnum:
    try:
        return hint(str(value))
    except ValueError as error:
        raise _wrong(what, "one of " + ", ".join(hint), value) from error


def _wrong(what: str, wanted: str, value: object) -> FormatError:
    shown = repr(value)
    return FormatError(
        f"{what} must be {wanted}, not {shown if len(shown) < 40 else shown[:36] + '...'}."
    )
