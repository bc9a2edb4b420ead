"""What an expression of a task can do with texts, numbers and lists: all of it, by name.

A method is a function here, and works on what it is for: `strip` of a number is an error, not an
attribute that happens to be there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

MOST = 1_000_000
"""Letters, or items, that a value can have."""
_MOST_BITS = 4096
"""Of a whole number: numbers that multiply one another grow faster than any text."""


def check(value: Any) -> Any:
    """The value, if it is of a size that a prompt could have. Raises ValueError."""
    if isinstance(value, str | list) and len(value) > MOST:
        raise ValueError("too long")
    if isinstance(value, int) and value.bit_length() > _MOST_BITS:
        raise ValueError("too large")
    return value


def text(value: Any) -> str:
    """A value as it is written into a prompt."""
    if isinstance(value, str):
        return value
    return "" if value is None else str(value)


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _add(left: Any, right: Any) -> Any:
    if isinstance(left, str) != isinstance(right, str):
        raise TypeError
    return left + right


def _multiply(left: Any, right: Any) -> Any:
    if not all(isinstance(each, int | float) for each in (left, right)):
        raise TypeError
    return left * right


def _index(value: Any, item: Any) -> int:
    if not isinstance(value, str | list):
        raise TypeError
    return value.index(item)


def _split(value: Any, by: str | None = None) -> list[str]:
    return _text(value).split(by)


def _replace(value: str, old: str, new: str) -> str:
    if len(value) + value.count(old) * len(new) > MOST:
        raise ValueError("too long")  # before it is made: it could be a million million letters
    return value.replace(old, new)


def _join(by: str, parts: Any) -> str:
    texts = list(map(text, parts))
    if len(by) * len(texts) + sum(map(len, texts)) > MOST:
        raise ValueError("too long")
    return by.join(texts)


def _length(value: Any) -> int:
    if not isinstance(value, str | list | dict):
        raise TypeError
    return len(value)


def _list(value: Any) -> list[Any]:
    if not isinstance(value, str | list | dict):
        raise TypeError
    return list(value)


OPERATORS: Mapping[str, Callable[[Any, Any], Any]] = {
    "+": _add,
    "-": lambda left, right: left - right,
    "*": _multiply,
    "/": lambda left, right: left / right,
    "//": lambda left, right: left // right,
    "%": lambda left, right: _multiply(left, 1) % right,
    "~": lambda left, right: text(left) + text(right),
    "==": lambda left, right: left == right,
    "!=": lambda left, right: left != right,
    "<": lambda left, right: left < right,
    ">": lambda left, right: left > right,
    "<=": lambda left, right: left <= right,
    ">=": lambda left, right: left >= right,
    "in": lambda left, right: left in right,
    "not in": lambda left, right: left not in right,
}
METHODS: Mapping[str, Callable[..., Any]] = {
    "strip": lambda value, letters=None: _text(value).strip(letters),
    "lstrip": lambda value, letters=None: _text(value).lstrip(letters),
    "rstrip": lambda value, letters=None: _text(value).rstrip(letters),
    "lower": lambda value: _text(value).lower(),
    "upper": lambda value: _text(value).upper(),
    "capitalize": lambda value: _text(value).capitalize(),
    "title": lambda value: _text(value).title(),
    "replace": lambda value, old, new: _replace(_text(value), old, new),
    "split": _split,
    "join": lambda value, parts: _join(_text(value), parts),
    "index": _index,
    "startswith": lambda value, start: _text(value).startswith(start),
    "endswith": lambda value, end: _text(value).endswith(end),
}
FILTERS: Mapping[str, Callable[..., Any]] = {
    "string": text,
    "int": int,
    "float": float,
    "trim": lambda value: text(value).strip(),
    "lower": lambda value: text(value).lower(),
    "upper": lambda value: text(value).upper(),
    "capitalize": lambda value: text(value).capitalize(),
    "title": lambda value: text(value).title(),
    "replace": lambda value, old, new: _replace(text(value), old, new),
    "join": lambda value, by="": _join(text(by), value),
    "length": _length,
    "count": _length,
    "first": lambda value: value[0],
    "last": lambda value: value[-1],
    "list": _list,
}
