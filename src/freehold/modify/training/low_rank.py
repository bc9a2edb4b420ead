"""A frozen matrix with a small learned one on top: low-rank adaptation.

LoRA (Hu et al., 2021): the layer y = x W' becomes y = x W' + alpha / rank · (x A') B', where A is
(rank, in) and B is (out, rank), and only A and B learn. B begins as zero, so that training starts
at exactly the model one owns.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.weights import Weights

Array = NDArray[np.float32]


@dataclass
class Learned:
    """What is learned for one matrix, and the slope of the loss along it."""

    a: Array
    """(rank, in)"""
    b: Array
    """(out, rank)"""
    slope_a: Array = field(init=False)
    slope_b: Array = field(init=False)

    def __post_init__(self) -> None:
        self.slope_a, self.slope_b = np.zeros_like(self.a), np.zeros_like(self.b)

    def forget_slopes(self) -> None:
        """Before the next step."""
        self.slope_a.fill(0)
        self.slope_b.fill(0)


def arrays(learned: Mapping[str, Learned]) -> Iterator[tuple[str, Array, Array]]:
    """Every array that is learned, with its name (`blk.0.attn_q.a`) and its slope."""
    for name, part in learned.items():
        yield f"{name}.a", part.a, part.slope_a
        yield f"{name}.b", part.b, part.slope_b


def fresh(rank: int, shape: tuple[int, int], chance: np.random.Generator) -> Learned:
    """A as PEFT begins it (uniform, He et al., 2015, with a slope of sqrt(5)); B zero.

    `shape` is (out, in), that of the frozen matrix.
    """
    rows, width = shape
    most = 1 / math.sqrt(width)
    a = chance.uniform(-most, most, (rank, width)).astype(np.float32)
    return Learned(a, np.zeros((rows, rank), np.float32))


class Layers:
    """The linear layers of one model, by the names of their tensors without `.weight`."""

    def __init__(self, weights: Weights, learned: Mapping[str, Learned], scale: float) -> None:
        """`scale` is alpha / rank."""
        self.weights = weights
        self.learned = learned
        self._scale = scale

    def forward(self, x: Array, name: str) -> Array:
        """(positions, in) -> (positions, out)."""
        y = np.empty((len(x), self.weights.shape(f"{name}.weight")[0]), x.dtype)
        for start, strip in self.weights.strips(f"{name}.weight"):
            np.matmul(x, strip.T, out=y[:, start : start + len(strip)])
        if self.weights.has(f"{name}.bias"):
            y += self.weights.vector(f"{name}.bias")
        if (learned := self.learned.get(name)) is not None:
            y += ((x @ learned.a.T) * self._scale) @ learned.b.T
        return y

    def backward(self, slope: Array, x: Array, name: str) -> Array:
        """The loss's slope along `x` from its slope along the layer's result for `x`.

        Adds to the learned matrices' own slopes.
        """
        back = self._through(slope, name)
        along = self.learn(slope, x, name)
        if along is not None:
            back += along @ self.learned[name].a
        return back

    def learn(self, slope: Array, x: Array, name: str) -> Array | None:
        """Only add to the learned matrices' slopes.

        Returns the slope along x A', (positions, rank); None for a matrix that learns nothing.
        """
        learned = self.learned.get(name)
        if learned is None:
            return None
        along: Array = (slope @ learned.b) * self._scale
        learned.slope_b += slope.T @ ((x @ learned.a.T) * self._scale)
        learned.slope_a += along.T @ x
        return along

    def _through(self, slope: Array, name: str) -> Array:
        back = np.zeros((len(slope), self.weights.shape(f"{name}.weight")[1]), slope.dtype)
        for start, strip in self.weights.strips(f"{name}.weight"):
            back += slope[:, start : start + len(strip)] @ strip
        return back
