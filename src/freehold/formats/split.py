"""Models split over several GGUF files: `name-00001-of-00003.gguf` and its siblings.

The name says which part a file is, and so does the metadata inside (counted from 0 there, from 1
in the name). The first part carries the model's facts; the others only tensors.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_lookup import integer

_NAME = re.compile(r"(?P<stem>.+)-(?P<number>\d{5})-of-(?P<count>\d{5})\.gguf", re.DOTALL)
_HINT = "Get all the parts again, from one place and one revision."


@dataclass(frozen=True)
class SplitName:
    """One part of a split model, by its file name."""

    stem: str
    """What the parts' names have in common, folders included."""
    number: int
    """From 1."""
    count: int

    @property
    def siblings(self) -> tuple[str, ...]:
        """The names of all the parts, this one among them, in order."""
        return tuple(
            f"{self.stem}-{number:05}-of-{self.count:05}.gguf"
            for number in range(1, self.count + 1)
        )


@dataclass(frozen=True)
class SplitFacts:
    """What a part says about the whole, in its metadata."""

    number: int
    """From 1, as in the name; one less in the file."""
    count: int
    tensors: int | None
    """In all the parts together."""


def parse_split_name(name: str) -> SplitName | None:
    """Read the name of a part; None when it is not one."""
    match = _NAME.fullmatch(name)
    if match is None:
        return None
    number, count = int(match["number"]), int(match["count"])
    return SplitName(match["stem"], number, count) if 1 <= number <= count else None


def split_facts(header: GgufHeader) -> SplitFacts | None:
    """What the metadata says; None for a model in one file."""
    number, count = integer(header, "split.no"), integer(header, "split.count")
    if number is None or count is None or count < 2:
        return None
    return SplitFacts(number + 1, count, integer(header, "split.tensors.count"))


def check_split(parts: Sequence[GgufHeader]) -> None:
    """Prove that these are the parts of one model, all of them, in order.

    Raises FormatError naming the first part that does not belong. A model in one file passes.
    """
    if not parts:
        raise FormatError("No parts of a split model were given.", _HINT)
    if len(parts) == 1 and split_facts(parts[0]) is None:
        return
    promised = {_check_part(part, number, len(parts)) for number, part in enumerate(parts, 1)}
    owner: dict[str, GgufHeader] = {}
    for part in parts:
        for tensor in part.tensors:
            if (first := owner.setdefault(tensor.name, part)) is not part:
                raise FormatError(
                    f"{first.label} and {part.label} both hold tensor {quoted(tensor.name)}.", _HINT
                )
    if promised != {None} and promised != {len(owner)}:
        counts = " and ".join(
            f"{count:,}" for count in sorted(c for c in promised if c is not None)
        )
        raise FormatError(
            f"The parts of {parts[0].label} hold {len(owner):,} tensors and promise {counts}.",
            _HINT,
        )


def joined(parts: Sequence[GgufHeader]) -> GgufHeader:
    """The header of the whole model: the first part's facts, and the tensors of all.

    A tensor's offset is still the one in its own file. One header alone is returned as it is.
    Raises FormatError for parts that do not belong together.
    """
    if len(parts) == 1:
        return parts[0]
    check_split(parts)
    first = parts[0]
    kept = {key: value for key, value in first.metadata.items() if not key.startswith("split.")}
    return replace(
        first,
        metadata=MappingProxyType(kept),
        value_types=MappingProxyType({key: first.value_types[key] for key in kept}),
        tensors=tuple(tensor for part in parts for tensor in part.tensors),
        file_size=sum(part.file_size for part in parts),
    )


def _check_part(part: GgufHeader, number: int, count: int) -> int | None:
    """Check one part against its place; what it promises of the tensors is returned."""
    facts = split_facts(part)
    if facts is None:
        raise FormatError(f"{part.label} does not say that it is part of a split model.", _HINT)
    if facts.count != count:
        raise FormatError(
            f"{part.label} is one of {facts.count:,} parts; {count:,} are here.", _HINT
        )
    if facts.number != number:
        raise FormatError(
            f"{part.label} is part {facts.number:,} by its contents, not part {number:,}.",
            _HINT,
        )
    return facts.tensors
