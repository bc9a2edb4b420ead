"""The searches that move one level after another: of Q3_K's numbers, and of quantized scales.

They work as those of `scale_search` do, on many groups at once, and follow `make_q3_quants` and
`make_qp_quants` of ggml-quants.c (MIT licence), written anew from what they compute.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.layout import Floats
from freehold.formats.blocks.scale_search import NOTHING, TENTH, largest, to_levels

_ZERO = np.float32(0)


def stepwise(x: Floats, half: int) -> tuple[Floats, Floats]:
    """As `symmetric`, but levels are moved one by one, five times at most, while that helps."""
    top = largest(x)
    levels = x * (np.float32(-half) / top)
    to_levels(levels, -half, half - 1)
    scale = _moved(x, levels, x * x, (-half, half - 1))
    levels += np.float32(half)
    nothing = np.abs(top) < NOTHING
    scale[nothing] = 0
    levels[:, nothing] = 0
    return scale, levels


def positive(x: Floats, most: int, weights: Floats) -> tuple[Floats, Floats]:
    """The scale and levels 0 to `most` of numbers that are not negative: scales themselves."""
    top = np.maximum(x.max(axis=0), _ZERO)
    ceiling = np.float32(most)

    def error(factor: Floats, ceiling: np.float32 | None) -> Floats:
        levels = np.rint(factor * x)
        levels = levels if ceiling is None else np.minimum(levels, ceiling)
        difference = x - (np.float32(1) / factor) * levels
        total: Floats = (weights * difference * difference).sum(axis=0)
        return total

    chosen = ceiling / top
    best = error(chosen, None)
    for tenths in (*range(-4, 0), *range(1, 5)):
        factor = (TENTH * np.float32(tenths) + ceiling) / top
        found = error(factor, ceiling)
        _take(found < best, (best, chosen), (found, factor))
    levels = np.minimum(np.rint(chosen * x), ceiling)
    scale = _moved(x, levels, weights, (0, most), rest_counts=True)
    nothing = top < NOTHING
    scale[nothing] = 0
    levels[:, nothing] = 0
    return scale, levels


def _moved(
    x: Floats,
    levels: Floats,
    weights: Floats,
    limits: tuple[int, int],
    *,
    rest_counts: bool = False,
) -> Floats:
    """Move each level in turn to where it serves best, given the others; return the scales.

    A group that a round has left as it was is done. `rest_counts`: the others must not all be zero.
    """
    weighted = weights * x
    along, square = (weighted * levels).sum(axis=0), (weights * levels * levels).sum(axis=0)
    left = np.arange(x.shape[1])
    for _ in range(5):
        before = levels[:, left]
        now, sums = before.copy(), (along[left], square[left])
        numbers = zip(x[:, left], now, weights[:, left], weighted[:, left], strict=True)
        for number, level, weight, product in numbers:
            less = sums[0] - product * level
            rest = sums[1] - weight * level * level
            there = number * rest
            there /= less
            to_levels(there, *limits)
            new = (less + product * there, rest + weight * there * there)
            better = (less > 0) & (there != level) & ((rest if rest_counts else new[1]) > 0)
            better &= new[0] * new[0] * sums[1] > sums[0] * sums[0] * new[1]
            _take(better, (level, *sums), (there, *new))
        levels[:, left], along[left], square[left] = now, *sums
        left = left[(before != now).any(axis=0)]
        if not left.size:
            break
    return np.where(square > 0, along / square, _ZERO)


def _take(better: NDArray[np.bool_], old: tuple[Floats, ...], new: tuple[Floats, ...]) -> None:
    for kept, found in zip(old, new, strict=True):
        np.copyto(kept, found, where=better)
