"""Tensors from one format into the other, a few rows at a time: moved, shifted, rounded, as is."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from freehold.errors import FormatError
from freehold.formats.blocks.dequantize import NONE, Decoder, dequantize
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf_cursor import quoted
from freehold.formats.gguf_types import BlockType
from freehold.formats.huggingface.parts import Part
from freehold.formats.huggingface.stored import Order, Stored
from freehold.modify.writing import Rounding
from freehold.progress import Task

_LARGEST_HALF = 65_504.0


@dataclass(frozen=True)
class Quickness:
    """What there is to be quick with: the same bytes as without."""

    rounding: Rounding = quantize
    decoders: Mapping[str, Decoder] = field(default_factory=lambda: NONE)


PLAINLY = Quickness()
"""NumPy alone."""


@dataclass(frozen=True)
class Move:
    """One tensor on its way."""

    stored: Stored
    name: str
    """Its new one."""
    type: BlockType
    order: Order | None = None
    """For each new row the old one that belongs there."""
    shift: float = 0.0
    """What is added to each number."""

    @property
    def size(self) -> int:
        """Bytes that it will have."""
        return self.stored.elements // self.type.elements * self.type.bytes

    def pieces(self, task: Task, quick: Quickness) -> Iterator[memoryview]:
        """Its new bytes. Raises FormatError, StorageError."""
        for raw in self.stored.strips(self.order):
            if self.stored.type == self.type and not self.shift:
                yield raw.data
            else:
                yield quick.rounding(self._numbers(raw, quick), self.type, None).data
            task.advance(raw.nbytes)

    def numbers(self, quick: Quickness) -> Floats:
        """All of them, moved and shifted: for what is small."""
        return np.concatenate([self._numbers(raw, quick) for raw in self.stored.strips(self.order)])

    def _numbers(self, raw: Bytes, quick: Quickness) -> Floats:
        numbers = dequantize(raw, self.stored.type, compiled=quick.decoders)
        if self.shift:
            numbers = numbers + np.float32(self.shift)
        if self.type.name == "F16" and self.stored.type.name != "F16":
            self._check_halves(numbers)
        return numbers

    def _check_halves(self, numbers: Floats) -> None:
        if np.abs(numbers).max(initial=0.0) > _LARGEST_HALF:
            raise FormatError(
                f"{quoted(self.stored.name)} has numbers too large for F16.",
                "Keep them as they are, or take --to BF16.",
            )


def matched(
    every: Sequence[Part], tensors: Mapping[str, Stored], ours: bool, label: str
) -> list[tuple[Part, Stored]]:
    """Each part with its tensor, by our names or theirs. Raises FormatError where one is missing
    or of another shape.
    """
    found = []
    for part in every:
        name = part.ours if ours else part.theirs
        stored = tensors.get(name)
        if stored is None:
            raise FormatError(
                f"{label} has no tensor {quoted(name)}, which a model of its kind and size needs.",
                "It is not whole, or its configuration is another model's.",
            )
        if stored.shape != part.shape:
            raise FormatError(
                f"{label} has {quoted(name)} of the shape {stored.shape}, where its configuration "
                f"says {part.shape}."
            )
        found.append((part, stored))
    return found
