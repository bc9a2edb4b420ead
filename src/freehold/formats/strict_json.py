"""JSON from strangers: one object, small, without duplicate keys, and with text that is text.

A few megabytes of brackets make gigabytes of lists, two equal keys mean different things to
different readers, and half a surrogate pair cannot be written down again: all refused.
"""

from __future__ import annotations

import json
import re
from typing import Any, NoReturn

from freehold.errors import FormatError

MAX_BYTES = 4 << 20
"""What registries allow a manifest to have."""
_MAX_VALUES = 200_000
LARGE = 64 << 20
"""What the file of a tokenizer may have: it lists every token and merge."""
_LARGE_VALUES = 8_000_000
_HALF_A_PAIR = re.compile(rb"\\u[dD][89a-fA-F]")
_HINT = "It is damaged, or was made to do harm. Nothing in it was owned."

Object = dict[str, Any]


def parse_object(data: bytes, what: str) -> Object:
    """Read `data` as one JSON object. `what` is what to call it. Raises FormatError."""
    return _parse(data, what, MAX_BYTES, _MAX_VALUES)


def parse_large(data: bytes, what: str) -> Object:
    """The same of a file that may have as much as `LARGE`."""
    return _parse(data, what, LARGE, _LARGE_VALUES)


def _parse(data: bytes, what: str, most_bytes: int, most_values: int) -> Object:
    if len(data) > most_bytes or data.count(b",") + data.count(b"[") > most_values:
        raise FormatError(f"{what} is absurdly long.", _HINT)
    try:
        value = json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_not_json
        )
        if _HALF_A_PAIR.search(data):
            json.dumps(value, ensure_ascii=False).encode("utf-8")
    except RecursionError as error:
        raise FormatError(f"{what} is nested absurdly deep.", _HINT) from error
    except ValueError as error:  # bad JSON, bad UTF-8, half a surrogate pair, a vast number
        raise FormatError(f"{what} is not well-formed JSON: {error}.", _HINT) from error
    if not isinstance(value, dict):
        raise FormatError(f"{what} is not a JSON object.", _HINT)
    return value


def canonical(value: object) -> bytes:
    """The one way in which Freehold writes a document that is named by its hash."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _unique(pairs: list[tuple[str, Any]]) -> Object:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key comes twice in one object")
    return found


def _not_json(word: str) -> NoReturn:
    raise ValueError(f"{word} is not JSON")
