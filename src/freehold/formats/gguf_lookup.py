"""Looking things up in a GGUF header without trusting it.

A missing entry and one of the wrong type are the same: None. So a header that can be read can
always be shown; whether the model can be run is for the engine to say.
"""

from __future__ import annotations

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_array import GgufArray

MAX_LIST = 65_536
"""Longest array read as a list of facts. Vocabularies are longer, and are left as they are."""


def text(header: GgufHeader, key: str) -> str | None:
    """The entry, if it is text and not blank."""
    value = header.metadata.get(key)
    return value if isinstance(value, str) and value.strip() else None


def integer(header: GgufHeader, key: str) -> int | None:
    """The entry, if it is a whole number of at least zero."""
    value = header.metadata.get(key)
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    return None


def number(header: GgufHeader, key: str) -> float | None:
    """The entry, if it is a number of either kind."""
    value = header.metadata.get(key)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    return None


def flag(header: GgufHeader, key: str) -> bool | None:
    """The entry, if it is true or false."""
    value = header.metadata.get(key)
    return value if isinstance(value, bool) else None


def array(header: GgufHeader, key: str) -> GgufArray | None:
    """The entry, if it is an array; still undecoded."""
    value = header.metadata.get(key)
    return value if isinstance(value, GgufArray) else None


def texts(header: GgufHeader, key: str) -> tuple[str, ...]:
    """The entry, if it is an array of texts, or one text; empty otherwise."""
    if (single := text(header, key)) is not None:
        return (single,)
    return tuple(value for value in _short_list(header, key) if isinstance(value, str))


def per_layer(header: GgufHeader, key: str) -> int | tuple[int, ...] | None:
    """One whole number for all layers, or an array with one for each."""
    if (single := integer(header, key)) is not None:
        return single
    values = _short_list(header, key)
    if not values or not all(isinstance(value, int) and value >= 0 for value in values):
        return None
    return tuple(int(value) for value in values)


def _short_list(header: GgufHeader, key: str) -> list[str | int | float | bool]:
    found = array(header, key)
    return list(found) if found is not None and len(found) <= MAX_LIST else []
