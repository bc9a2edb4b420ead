"""Where the numbers of a new model come from, a few rows at a time: other files, blended.

A blend is read like a file (`rows`, `array`), so the same numbers can be written, rounded to a
block type, or run by the decoder exactly as they are: what rounding costs is the difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from freehold.formats.blocks.layout import Floats
from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.lora import Lora
from freehold.formats.tensor_data import TensorData

STRIP = 8 << 20
"""Bytes of float32 that are held at once of each file."""


class Blend:
    """Tensors by name, as float32. What a kind of blend says for itself: `changes`, `_blended`."""

    def __init__(self, base: TensorData) -> None:
        self._base = base
        self._infos = base.header.by_name

    @property
    def header(self) -> GgufHeader:
        """That of the first file."""
        return self._base.header

    def rows(
        self, name: str, start: int = 0, stop: int | None = None, out: Floats | None = None
    ) -> Floats:
        """Rows of a tensor, (rows, width); dimensions above the second are rows too."""
        stop = row_count(self._infos[name]) if stop is None else stop
        found = self._blended(name, start, stop) if self.changes(name) else None
        if found is None:
            return self._base.rows(name, start, stop, out)
        if out is None:
            return found
        out[:] = found
        return out

    def array(self, name: str) -> Floats:
        """A whole tensor, ggml's dimensions reversed."""
        return self.rows(name).reshape(self._infos[name].shape[::-1])

    def changes(self, name: str) -> bool:
        """Whether a tensor differs from the first file's."""
        raise NotImplementedError

    def let_go(self, name: str) -> None:
        """Give back the memory that a tensor's pages take in the files it was read from."""
        self._base.let_go(name)

    def close(self) -> None:
        """Let go of the first file."""
        self._base.close()

    def _blended(self, name: str, start: int, stop: int) -> Floats:
        raise NotImplementedError


class AsItIs(Blend):
    """A model's own numbers."""

    def changes(self, name: str) -> bool:
        """None of them."""
        return False


class WithAdapters(Blend):
    """A model with adapters multiplied out: W + scale · alpha / r · B @ A."""

    def __init__(self, base: TensorData, adapters: Sequence[tuple[Lora, float]]) -> None:
        super().__init__(base)
        self._adapters = adapters
        self._changed = {name for lora, _ in adapters for name in lora.pairs}

    def changes(self, name: str) -> bool:
        """Whether any adapter changes it."""
        return name in self._changed

    def _blended(self, name: str, start: int, stop: int) -> Floats:
        numbers = self._base.rows(name, start, stop)
        for lora, scale in self._adapters:
            if name in lora.pairs:
                pair = lora.pairs[name]
                strength = np.float32(lora.strength(name, scale))
                change: Floats = pair.b[start:stop] @ pair.a
                change *= strength
                numbers = np.add(numbers, change)
        return numbers


def row_count(tensor: TensorInfo) -> int:
    """How many rows it has."""
    return tensor.elements // tensor.shape[0] if tensor.shape else 1


def strips(tensor: TensorInfo, matrices: int = 1) -> Iterator[tuple[int, int]]:
    """The rows that are worked on at once, from the first to the last: (start, stop).

    None has rows of two of the tensor's `matrices`.
    """
    rows = row_count(tensor) // matrices
    step = max(1, STRIP // (4 * (tensor.shape[0] if tensor.shape else 1)))
    for first in range(0, rows * matrices, rows):
        for start in range(first, first + rows, step):
            yield start, min(start + step, first + rows)
