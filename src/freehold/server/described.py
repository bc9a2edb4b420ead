"""The words in which `described_*` say what is taken and given: JSON Schema, in short."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]

JSON, EVENTS, LINES, TEXT = (
    "application/json",
    "text/event-stream",
    "application/x-ndjson",
    "text/plain",
)


@dataclass(frozen=True)
class Described:
    """One operation."""

    takes: Schema | None = None
    """The body of a request; None where there is none."""
    gives: Schema | None = field(default_factory=lambda: {"type": "object"})
    """The answer as JSON; None where it is something else, or empty."""
    kinds: tuple[str, ...] = ()
    """Media types that the answer may have beside JSON."""


Operations = dict[tuple[str, str], Described]
"""By method and path."""


def one_of(*types: str, **more: Any) -> Schema:
    """One of these types, or left out."""
    return {"type": [*types, "null"], **more}


def list_of(items: Schema) -> Schema:
    """A list, or left out."""
    return {"type": ["array", "null"], "items": items}


def body(*needed: str, **properties: Schema) -> Schema:
    """An object with these fields, the first named ones `needed`."""
    return {"type": "object", "required": list(needed), "properties": properties}


def gives(*needed: str) -> Schema:
    """An object that has at least these fields."""
    return {"type": "object", "required": list(needed)}


def number(least: float, most: float) -> Schema:
    """A number in a range, or left out."""
    return one_of("number", minimum=least, maximum=most)


def whole(least: int, most: int = 2**31 - 1) -> Schema:
    """A whole number in a range, or left out."""
    return one_of("integer", minimum=least, maximum=most)


NAME: Schema = {"type": "string", "minLength": 1}
WORD = one_of("string")
FLAG = one_of("boolean")
OBJECT = one_of("object")
WORDS = {"anyOf": [{"type": ["string", "null"]}, {"type": "array", "items": {"type": "string"}}]}
PARTS = {"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "object"}}]}
MOST = whole(1)
SAMPLING = {
    "temperature": number(0, 10),
    "top_p": number(0, 1),
    "top_k": whole(0),
    "min_p": number(0, 1),
    "repeat_penalty": number(0, 10),
    "frequency_penalty": number(-2, 2),
    "presence_penalty": number(-2, 2),
    "seed": one_of("integer"),
    "stop": WORDS,
}
TURN = body("role", role={"type": "string"}, content={"anyOf": [PARTS, {"type": "null"}]})
FUNCTION = body("function", type=WORD, function=body("name", name=NAME, parameters=OBJECT))
MODEL = body("model", model=NAME)
USED = ("model", "usage")
