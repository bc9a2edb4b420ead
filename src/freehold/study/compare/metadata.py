"""What the headers of two models say differently.

Keys that carry the family's name (`llama.block_count`) are compared as `*.block_count`, so that two
families can be. Long lists, such as a vocabulary, are compared item by item and told as counts.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from freehold.formats.gguf import GgufHeader, Value
from freehold.formats.gguf_array import GgufArray

_SHORT = 16
"""Items of a list that is told item by item."""


@dataclass(frozen=True)
class MetadataDifference:
    """One entry that is not the same; None where there is none. Long values are told in words."""

    key: str
    first: str | None
    second: str | None


@dataclass(frozen=True)
class MetadataComparison:
    """All entries, compared."""

    same: int
    differences: tuple[MetadataDifference, ...]
    """In the order of the first file, then what only the second has."""


def compare_metadata(first: GgufHeader, second: GgufHeader) -> MetadataComparison:
    """Compare two headers, entry by entry."""
    one, other = _by_role(first), _by_role(second)
    differences = tuple(_differences(one, other))
    return MetadataComparison(len(one.keys() | other.keys()) - len(differences), differences)


def _by_role(header: GgufHeader) -> dict[str, Value]:
    family = header.metadata.get("general.architecture")
    prefix = f"{family}."
    return {
        f"*.{key.removeprefix(prefix)}" if key.startswith(prefix) else key: value
        for key, value in header.metadata.items()
    }


def _differences(
    one: Mapping[str, Value], other: Mapping[str, Value]
) -> Iterator[MetadataDifference]:
    for key in dict.fromkeys([*one, *other]):
        if key not in one:
            yield MetadataDifference(key, None, _told(other[key]))
        elif key not in other:
            yield MetadataDifference(key, _told(one[key]), None)
        elif one[key] != other[key]:
            yield _changed(key, one[key], other[key])


def _changed(key: str, one: Value, other: Value) -> MetadataDifference:
    if (
        isinstance(one, GgufArray)
        and isinstance(other, GgufArray)
        and max(len(one), len(other)) > _SHORT
    ):
        together = min(len(one), len(other))
        apart = sum(one.raw(index) != other.raw(index) for index in range(together))
        what = f"{apart:,} of the first {together:,} differ"
        return MetadataDifference(key, f"{len(one):,} items", f"{len(other):,} items; {what}")
    return MetadataDifference(key, _told(one), _told(other))


def _told(value: Value) -> str:
    if not isinstance(value, GgufArray):
        return str(value)
    if len(value) > _SHORT:
        return f"{len(value):,} items"
    return ", ".join(str(each) for each in value)
