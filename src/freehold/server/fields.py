"""Reading a JSON body field by field, so that each wrong one is named to whoever sent it.

A field that is null counts as left out, as clients mean it. Fields that nobody reads are ignored:
clients send what newer servers know.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from typing import Any, TypeVar, overload

from freehold.errors import UsageError
from freehold.server.problem import BadField

T = TypeVar("T")
_DEEPEST = 200


class Fields:
    """A JSON object, with the path that leads to it."""

    def __init__(self, values: dict[str, Any], path: str = "") -> None:
        self._values = values
        self._path = path

    @classmethod
    def read(cls, body: bytes) -> Fields:
        """The object in a body. Raises UsageError when it is none."""
        try:
            values = json.loads(body, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            reason = "it is nested too deeply" if isinstance(error, RecursionError) else str(error)
            raise UsageError(f"The body is not valid JSON: {reason}.") from error
        if not isinstance(values, dict):
            raise UsageError("The body must be a JSON object.")
        if rb"\ud" in body.lower() and not _is_text(values):
            raise UsageError("The body is not valid JSON: it has half a character (a surrogate).")
        return cls(values)

    def __contains__(self, name: str) -> bool:
        return self._values.get(name) is not None

    def raw(self, name: str) -> Any:
        """A field as it is, None when it was left out."""
        return self._values.get(name)

    def path(self, name: str) -> str:
        """Where a field is, from the top: `messages[0].content`."""
        return f"{self._path}.{name}" if self._path else name

    def wrong(self, name: str, must: str) -> BadField:
        """The error for a field that is not what it `must` be."""
        path = self.path(name)
        return BadField(path, f"`{path}` must be {must}.")

    @overload
    def text(self, name: str) -> str | None: ...

    @overload
    def text(self, name: str, default: str) -> str: ...

    def text(self, name: str, default: str | None = None) -> str | None:
        """A string."""
        value: str | None = self._typed(name, str, "text", default)
        return value

    def needed_text(self, name: str) -> str:
        """A string that may not be left out, nor be empty."""
        value = self.text(name)
        if not value:
            raise self.wrong(name, "given, as text")
        return value

    def flag(self, name: str, default: bool = False) -> bool:
        """True or false."""
        value: bool = self._typed(name, bool, "true or false", default)
        return value

    def integer(self, name: str, least: int, most: int) -> int | None:
        """A whole number in a range."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value <= most:
            raise self.wrong(name, f"a whole number from {least} to {most}")
        return value

    def number(self, name: str, least: float, most: float) -> float | None:
        """A number in a range."""
        value = self._values.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise self.wrong(name, "a number")
        if not least <= value <= most or not math.isfinite(value):
            raise self.wrong(name, f"a number from {least:g} to {most:g}")
        return float(value)

    def one_of(self, name: str, *words: str) -> str | None:
        """One of a few words."""
        value = self._values.get(name)
        if value is not None and value not in words:
            raise self.wrong(name, "one of " + ", ".join(words))
        return None if value is None else str(value)

    def texts(self, name: str, most: int) -> tuple[str, ...]:
        """A string, or a list of strings."""
        value = self._values.get(name)
        if value is None:
            return ()
        listed = [value] if isinstance(value, str) else value
        if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
            raise self.wrong(name, "text, or a list of texts")
        if len(listed) > most:
            raise self.wrong(name, f"a list of {most} at most")
        return tuple(listed)

    def object(self, name: str) -> Fields | None:
        """An object inside."""
        value = self._typed(name, dict, "an object", None)
        return None if value is None else Fields(value, self.path(name))

    def items(self, name: str) -> Iterator[Fields]:
        """The objects of a list; none when it was left out."""
        for index, value in enumerate(self._typed(name, list, "a list", [])):
            if not isinstance(value, dict):
                raise self.wrong(f"{name}[{index}]", "an object")
            yield Fields(value, self.path(f"{name}[{index}]"))

    def schema(self, name: str) -> str | None:
        """A JSON Schema, as text."""
        value = self._values.get(name)
        if value is None:
            return None
        if not isinstance(value, dict):
            raise self.wrong(name, "a JSON Schema, an object")
        if _depth(value) > _DEEPEST:
            raise self.wrong(name, f"nested {_DEEPEST} deep at most")
        return json.dumps(value)

    def _typed(self, name: str, kind: type[T], must: str, default: Any) -> Any:
        value = self._values.get(name)
        if value is None:
            return default
        if not isinstance(value, kind):
            raise self.wrong(name, must)
        return value


def _no_number(word: str) -> None:
    raise ValueError(f"{word} is no number of JSON")


def _is_text(values: Any) -> bool:
    """Whether every string in it could be sent on: no half of a pair of surrogates."""
    try:
        json.dumps(values, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True


def _depth(value: Any) -> int:
    """How many levels deep lists and objects are in each other."""
    level, deep = [value], 0
    while level:
        deep += 1
        inside: list[Any] = []
        for each in level:
            inside += each.values() if isinstance(each, dict) else each
        level = [each for each in inside if isinstance(each, dict | list)]
    return deep
