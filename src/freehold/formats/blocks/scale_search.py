"""The searches for a good scale, by which ggml quantizes: least weighted error over a few tries.

Each works on many groups of numbers at once. Arrays are (numbers of a group, groups): sums over a
group are then made in ggml's own order, number after number, and come out the same to the bit. The
searches follow `make_qx_quants`, `make_qkx2_quants` and `make_qkx3_quants` of ggml-quants.c (MIT
licence), written anew from what they compute.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.layout import Floats

NOTHING = np.float32(1e-15)
"""A group whose numbers are all smaller is all zero."""
TENTH = np.float32(0.1)
_ZERO = np.float32(0)


@dataclass(frozen=True)
class Tries:
    """What `ranged` tries: `count` + 1 numbers of levels, from `first` more than there are."""

    first: float
    step: float
    count: int
    absolute: bool = False
    """Whether errors count by size, not by square."""


WITH_IMPORTANCE = Tries(-0.9, 0.05, 36)
"""Of every type with minimums, where the importance of each number is given."""


@dataclass(frozen=True)
class Fit:
    """For each group its scale, and how much to subtract; for each number its level."""

    scale: Floats
    minimum: Floats
    levels: Floats


def largest(x: Floats) -> Floats:
    """Of each group the number that is farthest from zero, the first of equals, with its sign."""
    found = farthest(x, 0)
    found[found == 0] = 0  # not minus zero: the scale would show it
    return found


def farthest(x: Floats, axis: int) -> Floats:
    """The number that is farthest from zero along an axis, as it is."""
    at = np.expand_dims(np.abs(x).argmax(axis=axis), axis)
    found: Floats = np.take_along_axis(x, at, axis=axis).squeeze(axis)
    return found


def smallest(x: Floats) -> Floats:
    """Of each group the lowest number; of zeros with different signs the first."""
    low: Floats = x.min(axis=0)
    if (zero := low == 0).any():
        low[zero] = np.take_along_axis(x, x.argmin(axis=0)[None], axis=0)[0][zero]
    return low


def inverse(scale: Floats) -> Floats:
    """One over each scale; of zero, zero."""
    result: Floats = np.divide(np.float32(1), scale, out=np.zeros_like(scale), where=scale != 0)
    return result


def softened(x: Floats, importance: Floats, factor: int = 1) -> Floats:
    """Importance times the size of a number, softened by `factor` times its column's mean square.

    Columns are blocks, or rows of a matrix: ggml has it by the one or the other.
    """
    square = x * x
    mean = np.float32(factor) * square.sum(axis=0) / np.float32(len(x))
    weights: Floats = importance * np.sqrt(mean + square)
    return weights


def symmetric(x: Floats, half: int, weights: Floats | None = None) -> tuple[Floats, Floats]:
    """The scale of each group, and levels from 0 to 2 * half - 1 of which `half` stands for zero.

    Weights are the squares of the numbers unless given.
    """
    weights = x * x if weights is None else weights
    top = largest(x)
    weighted = weights * x
    levels, room = np.empty_like(x), np.empty_like(x)

    def sums(factor: Floats) -> tuple[Floats, Floats]:
        np.multiply(factor, x, out=levels)
        to_levels(levels, -half, half - 1)
        along: Floats = np.multiply(weighted, levels, out=room).sum(axis=0)
        np.multiply(weights, levels, out=room)
        square: Floats = np.multiply(room, levels, out=room).sum(axis=0)
        return along, square

    chosen = np.float32(-half) / top
    along, square = sums(chosen)
    scale = np.where(square != 0, along / square, _ZERO)
    best = scale * along
    for tenths in (*range(-9, 0), *range(1, 10)):
        factor = -(np.float32(half) + TENTH * np.float32(tenths)) / top
        along, square = sums(factor)
        better = (square > 0) & (along * along > best * square)
        np.copyto(chosen, factor, where=better)
        np.divide(along, square, out=scale, where=better)
        np.multiply(scale, along, out=best, where=better)
    np.multiply(chosen, x, out=levels)
    to_levels(levels, -half, half - 1)
    levels += np.float32(half)
    nothing = np.abs(top) < NOTHING
    scale[nothing] = 0
    levels[:, nothing] = 0
    return scale, levels


def ranged(x: Floats, most: int, weights: Floats, tries: Tries) -> Fit:
    """Levels 0 to `most` between a minimum, at most zero, and a maximum."""
    low, high = smallest(x), x.max(axis=0)
    low[low > 0] = 0
    flat = high <= low
    weight, moment = weights.sum(axis=0), (weights * x).sum(axis=0)
    levels, room, other = (np.empty_like(x) for _ in range(3))

    def level(factor: Floats, low: Floats) -> None:
        np.subtract(x, low, out=levels)
        np.multiply(levels, factor, out=levels)
        to_levels(levels, 0, most)

    def error(scale: Floats, low: Floats) -> Floats:
        np.multiply(levels, scale, out=room)
        np.add(room, low, out=room)
        np.subtract(room, x, out=room)
        np.abs(room, out=room) if tries.absolute else np.multiply(room, room, out=room)
        np.multiply(room, weights, out=room)
        total: Floats = room.sum(axis=0)
        return total

    chosen, origin = np.float32(most) / (high - low), low.copy()
    scale = np.float32(1) / chosen
    level(chosen, low)
    best = error(scale, low)
    for count in range(tries.count + 1):
        wider = np.float32(tries.first) + np.float32(tries.step) * np.float32(count)
        factor = (wider + np.float32(most)) / (high - low)
        level(factor, low)
        new_scale, new_low, solved = _least_squares(
            x, levels, weights, (weight, moment), (room, other)
        )
        found = error(new_scale, new_low)
        better = solved & (found < best)
        np.copyto(chosen, factor, where=better)
        np.copyto(origin, low, where=better)
        np.copyto(best, found, where=better)
        np.copyto(scale, new_scale, where=better)
        np.copyto(low, new_low, where=better)
    level(chosen, origin)
    scale[flat] = 0
    levels[:, flat] = 0
    return Fit(scale, -low, levels)


def _least_squares(
    x: Floats,
    levels: Floats,
    weights: Floats,
    totals: tuple[Floats, Floats],
    rooms: tuple[Floats, Floats],
) -> tuple[Floats, Floats, NDArray[np.bool_]]:
    """The scale and the minimum that suit given levels best, and where there is such a pair."""
    (weight, moment), (room, other) = totals, rooms
    np.multiply(weights, levels, out=room)
    first = room.sum(axis=0)
    cross = np.multiply(room, x, out=other).sum(axis=0)
    np.multiply(room, levels, out=room)
    second = room.sum(axis=0)
    determinant = weight * second - first * first
    scale = (weight * cross - moment * first) / determinant
    low = (second * moment - first * cross) / determinant
    above = low > 0
    np.divide(cross, second, out=scale, where=above)
    low[above] = 0
    return scale, low, determinant > 0


def to_levels(x: Floats, least: int, most: int) -> None:
    """Round in place to the nearest whole number, halves to the even one, within limits."""
    np.rint(x, out=x)
    np.maximum(x, np.float32(least), out=x)
    np.minimum(x, np.float32(most), out=x)
