"""The parts that an expression of a task is made of: each a function from fields to a value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from freehold.study.evaluation.operations import OPERATORS, check

Fields = Mapping[str, Any]
Evaluate = Callable[[Fields], Any]


class Refused(Exception):
    """Why an expression cannot be read, or has no value."""


def constant(value: Any) -> Evaluate:
    """The same for every example."""
    return lambda _: value


def field(name: str) -> Evaluate:
    """A field of the example."""

    def evaluate(fields: Fields) -> Any:
        if name not in fields:
            raise Refused(f"there is no field {name!r}; there are {listed(fields)}")
        return fields[name]

    return evaluate


def item(value: Evaluate, key: Evaluate) -> Evaluate:
    """A field of an object, or an item of a list or text."""

    def evaluate(fields: Fields) -> Any:
        whole, which = value(fields), key(fields)
        if isinstance(whole, dict):
            if which not in whole:
                raise Refused(f"there is no field {which!r}; there are {listed(whole)}")
            return whole[which]
        number = isinstance(which, int) and not isinstance(which, bool)
        if isinstance(whole, list | str) and number and -len(whole) <= which < len(whole):
            return whole[which]
        raise Refused(f"{_short(whole)} has no item {which!r}")

    return evaluate


def stretch(value: Evaluate, start: Evaluate | None, stop: Evaluate | None) -> Evaluate:
    """Part of a list or text."""

    def evaluate(fields: Fields) -> Any:
        whole = value(fields)
        ends = [None if each is None else each(fields) for each in (start, stop)]
        if not isinstance(whole, list | str) or any(
            each is not None and not isinstance(each, int) for each in ends
        ):
            raise Refused(f"{_short(whole)} cannot be cut so")
        return whole[ends[0] : ends[1]]

    return evaluate


def operation(sign: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """An operator between two values."""
    return lambda fields: _tried(sign, OPERATORS[sign], left(fields), right(fields))


def short_circuit(word: str, left: Evaluate, right: Evaluate) -> Evaluate:
    """`and` or `or`: the second value is looked at only where the first does not decide."""
    if word == "and":
        return lambda fields: left(fields) and right(fields)
    return lambda fields: left(fields) or right(fields)


def called(
    function: Callable[..., Any], name: str, value: Evaluate, arguments: list[Evaluate]
) -> Evaluate:
    """A method or filter, with its arguments."""
    return lambda fields: _tried(
        name, function, value(fields), *(each(fields) for each in arguments)
    )


def _tried(name: str, function: Callable[..., Any], *values: Any) -> Any:
    try:
        return check(function(*values))
    except (TypeError, ValueError, ArithmeticError, AttributeError, LookupError) as error:
        shown = ", ".join(map(_short, values))
        raise Refused(f"{name} does not work on {shown}") from error


def _short(value: Any) -> str:
    shown = repr(value)
    return shown if len(shown) < 60 else f"{shown[:57]}..."


def listed(names: Mapping[str, Any]) -> str:
    """Names for a message."""
    return ", ".join(sorted(filter(None, map(str, names)))) or "none"
