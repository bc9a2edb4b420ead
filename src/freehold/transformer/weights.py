"""A decoder's weights, dequantized as they are needed, a strip of rows at a time.

A matrix of a large model is 100 MB as float32; its product with the activations needs no more of it
at once than a few of its rows. Strips keep what is held small, and what was just dequantized is
still in the processor's cache when it is multiplied. A small model can be kept dequantized instead:
what comes first is kept, up to a limit.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from freehold.errors import FormatError
from freehold.formats.gguf import GgufHeader

STRIP = 16 << 20
"""Bytes of float32 in one strip: so many that to wake a second thread for it costs little."""


class Tensors(Protocol):
    """Where weights come from: a file, or what several make together."""

    @property
    def header(self) -> GgufHeader:
        """Names, shapes, metadata."""

    def rows(
        self,
        name: str,
        start: int = 0,
        stop: int | None = None,
        out: NDArray[np.float32] | None = None,
    ) -> NDArray[np.float32]:
        """Some rows of a matrix, (rows, in); into `out` if given."""

    def array(self, name: str) -> NDArray[np.float32]:
        """A whole tensor, ggml's dimensions reversed."""

    def close(self) -> None:
        """Let go of the files."""


@dataclass(frozen=True)
class Delta:
    """What an adapter adds to a matrix, as two thin ones: b @ a, b (out, r) and a (r, in)."""

    b: NDArray[np.float32]
    a: NDArray[np.float32]


class Weights:
    """The tensors of one file, by name. `kept_bytes` of them stay dequantized.

    `deltas` are added to the matrices that they are named after, without changing what is kept.
    """

    def __init__(
        self,
        data: Tensors,
        kept_bytes: int,
        deltas: Mapping[str, Sequence[Delta]] | None = None,
    ) -> None:
        self._data = data
        self._deltas = deltas or {}
        self._room = kept_bytes
        self._kept: dict[str, NDArray[np.float32]] = {}
        self._tensors = data.header.by_name

    def has(self, name: str) -> bool:
        """Whether the file has such a tensor."""
        return name in self._tensors

    def shape(self, name: str) -> tuple[int, ...]:
        """As NumPy has it: (out, in) of a matrix."""
        return tuple(reversed(self._tensors[name].shape))

    def vector(self, name: str) -> NDArray[np.float32]:
        """A norm or a bias, (n,). They are small, and always kept."""
        if name not in self._kept:
            self._kept[name] = self._data.array(name)
        return self._kept[name]

    def rows(self, name: str, ids: Sequence[int]) -> NDArray[np.float32]:
        """Some rows of a matrix, (len(ids), in), as an embedding is looked up."""
        if name in self._kept:
            found: NDArray[np.float32] = self._kept[name][np.asarray(ids)]
        else:
            each = {row: self._data.rows(name, row, row + 1)[0] for row in set(ids)}
            found = np.stack([each[row] for row in ids])
        for delta in self._deltas.get(name, ()):
            found = found + delta.b[np.asarray(ids)] @ delta.a
        return found

    def linear(self, x: NDArray[np.float32], name: str) -> NDArray[np.float32]:
        """x @ W.T + b of the layer `name`: (positions, in) -> (positions, out).

        The bias is added where the file has one.
        """
        rows = self._tensors[f"{name}.weight"].shape[1]
        result = np.empty((len(x), rows), np.float32)
        for start, strip in self._strips(f"{name}.weight"):
            np.matmul(x, strip.T, out=result[:, start : start + len(strip)])
        for delta in self._deltas.get(f"{name}.weight", ()):
            result += (x @ delta.a.T) @ delta.b.T
        if self.has(f"{name}.bias"):
            result += self.vector(f"{name}.bias")
        return result

    def strips(
        self, name: str, rows: int | None = None
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """A matrix, (out, in), in strips of rows: (index of the first, the strip).

        With `rows`, each strip has so many but the last. A strip is good until the next is taken.
        """
        deltas = self._deltas.get(name, ())
        for start, strip in self._strips(name, rows):
            changed = strip
            for delta in deltas:
                changed = changed + delta.b[start : start + len(changed)] @ delta.a
            yield start, changed

    def _strips(
        self, name: str, rows: int | None = None
    ) -> Iterator[tuple[int, NDArray[np.float32]]]:
        """The same of the file's own matrix."""
        width, total = self._tensors[name].shape
        kept = self._whole(name, 4 * width * total)
        step = rows or (total if kept is not None else max(1, STRIP // (4 * width)))
        if kept is not None:
            for start in range(0, total, step):
                yield start, kept[start : start + step]
            return
        room = np.empty((min(step, total), width), np.float32)  # each strip takes the last's place
        for start in range(0, total, step):
            stop = min(start + step, total)
            yield start, self._data.rows(name, start, stop, out=room[: stop - start])

    def not_finite(self, beginnings: tuple[str, ...]) -> FormatError | None:
        """The error that names the first tensor with what is no number, of those whose names
        begin so; None where there is none.
        """
        for name in (name for name in self._tensors if name.startswith(beginnings)):
            matrix = len(self._tensors[name].shape) == 2
            parts = self.strips(name) if matrix else iter([(0, self.vector(name))])
            if not all(np.isfinite(part).all() for _, part in parts):
                return FormatError(
                    f"{self._data.header.label} holds weights that are no numbers, in {name!r}.",
                    "`freehold verify` tells whether it changed on the disk; else it was made so.",
                )
        return None

    def _whole(self, name: str, size: int) -> NDArray[np.float32] | None:
        """The whole matrix, if it is kept or there is room to keep it."""
        if name not in self._kept:
            if size > self._room:
                return None
            self._room -= size
            self._kept[name] = self._data.array(name)
        return self._kept[name]
