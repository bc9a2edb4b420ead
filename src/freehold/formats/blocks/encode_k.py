"""Numbers to Q2_K … Q6_K, to the bit as ggml does it, with importance and without.

Every group's scale (and minimum) is searched for, the scales are quantized in their turn, and the
numbers are then rounded again with the scales as they came out. Arrays are (numbers of a group,
groups); the groups of a block are neighbours, so scales are (blocks, groups of a block).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freehold.formats.blocks.layout import LAYOUTS, Blocks, Bytes, Floats
from freehold.formats.blocks.packing import (
    by_fours,
    by_twos,
    grouped,
    item,
    one_bit_each,
    six_bits_apart,
    twelve_bytes,
)
from freehold.formats.blocks.scale_search import (
    NOTHING,
    WITH_IMPORTANCE,
    Tries,
    farthest,
    inverse,
    ranged,
    softened,
    symmetric,
)
from freehold.formats.blocks.scale_steps import positive, stepwise

_ZERO = np.float32(0)


@dataclass(frozen=True)
class _Ranged:
    """How a type with minimums is made."""

    name: str
    numbers: int
    """In a group."""
    most: int
    """The highest level of a number, …"""
    most_scale: int
    """… and of a scale."""
    tries: Tries


_Q2 = _Ranged("Q2_K", 16, 3, 15, Tries(-0.5, 0.1, 15, absolute=True))
_Q4 = _Ranged("Q4_K", 32, 15, 63, Tries(-1.0, 0.1, 20))
_Q5 = _Ranged("Q5_K", 32, 31, 63, Tries(-0.5, 0.1, 15))


def q2_k(x: Floats, importance: Floats | None) -> Blocks:
    """Four levels; sixteen for scales and minimums."""
    blocks, levels, scales, minimums = _ranged(_Q2, x, importance)
    blocks["scales"] = item((scales | minimums << np.uint8(4)).T)
    blocks["quants"] = item(by_fours(levels))
    return blocks


def q4_k(x: Floats, importance: Floats | None) -> Blocks:
    """Sixteen levels; sixty-four for scales and minimums."""
    blocks, levels, scales, minimums = _ranged(_Q4, x, importance)
    blocks["scales"] = item(twelve_bytes(scales.T, minimums.T))
    blocks["quants"] = item(by_twos(levels, 32))
    return blocks


def q5_k(x: Floats, importance: Floats | None) -> Blocks:
    """Thirty-two levels; sixty-four for scales and minimums."""
    blocks, levels, scales, minimums = _ranged(_Q5, x, importance)
    blocks["scales"] = item(twelve_bytes(scales.T, minimums.T))
    blocks["quants"] = item(by_twos(levels & np.uint8(15), 32))
    blocks["high"] = item(one_bit_each(levels >> np.uint8(4)))
    return blocks


def q3_k(x: Floats, importance: Floats | None) -> Blocks:
    """Eight levels around zero; sixty-four for scales."""
    groups = grouped(x, 16)
    if importance is None:
        scale, levels = stepwise(groups, 4)
        first, level = _by_largest(scale.reshape(-1, 16), 32)
    else:
        weights = grouped(softened(x, importance, 2), 16)
        scale, levels = symmetric(groups, 4, weights)
        sums = weights.sum(axis=0).reshape(-1, 16)
        first, ranks = symmetric(_columns(scale.reshape(-1, 16)), 32, _columns(sums))
        level = ranks.T
    blocks = np.empty(len(first), LAYOUTS["Q3_K"])
    blocks["scale"] = first
    step = _widened(blocks, "scale")[:, None] * (level - np.float32(32))
    _round_again(groups, levels, step, None, (-4, 3))
    blocks["scales"] = item(six_bits_apart(level.astype(np.uint8).T))
    final = _of_blocks(levels)
    blocks["high"] = item(one_bit_each(final >> np.uint8(2)))
    blocks["quants"] = item(by_fours(final & np.uint8(3)))
    return blocks


def q6_k(x: Floats, importance: Floats | None) -> Blocks:
    """Sixty-four levels around zero; scales of eight bits."""
    groups = grouped(x, 16)
    given = None if importance is None else grouped(importance, 16)
    scale, levels = symmetric(groups, 32, given)
    scales = scale.reshape(-1, 16)
    top = farthest(scales, 1)
    factor = np.float32(-128) / top
    blocks = np.empty(len(top), LAYOUTS["Q6_K"])
    blocks["scale"] = np.float32(1) / factor
    whole = np.minimum(np.rint(factor[:, None] * scales), np.float32(127)).astype(np.int8)
    step = _widened(blocks, "scale")[:, None] * whole.astype(np.float32)
    _round_again(groups, levels, step, None, (-32, 31))
    blocks["scales"] = item(whole.view(np.uint8).T)
    final = _of_blocks(levels)
    blocks["quants"] = item(by_twos(final & np.uint8(15), 64))
    blocks["high"] = item(by_fours(final >> np.uint8(4)))
    blocks[np.abs(top) < NOTHING] = np.zeros((), LAYOUTS["Q6_K"])
    return blocks


def _ranged(
    kind: _Ranged, x: Floats, importance: Floats | None
) -> tuple[Blocks, Bytes, Bytes, Bytes]:
    """The blocks with their two halves set, levels (256, blocks), scales and minimums quantized."""
    groups = grouped(x, kind.numbers)
    count = 256 // kind.numbers
    if importance is None:
        fit = ranged(groups, kind.most, _own_weights(kind, groups), kind.tries)
        both = [
            _by_most(part.reshape(-1, count), kind.most_scale) for part in (fit.scale, fit.minimum)
        ]
    else:
        weights = grouped(softened(x, importance, 1 if kind is _Q2 else 2), kind.numbers)
        fit = ranged(groups, kind.most, weights, WITH_IMPORTANCE)
        sums = _columns(weights.sum(axis=0).reshape(-1, count))
        found = [
            positive(_columns(part.reshape(-1, count)), kind.most_scale, sums)
            for part in (fit.scale, fit.minimum)
        ]
        both = [(first, ranks.T) for first, ranks in found]
    blocks = np.empty(len(both[0][0]), LAYOUTS[kind.name])
    blocks["scale"], blocks["minimum"] = both[0][0], both[1][0]
    step = _widened(blocks, "scale")[:, None] * both[0][1]
    lowest = _widened(blocks, "minimum")[:, None] * both[1][1]
    _round_again(groups, fit.levels, step, lowest, (0, kind.most))
    scales, minimums = (ranks.astype(np.uint8) for _, ranks in both)
    return blocks, _of_blocks(fit.levels), scales, minimums


def _own_weights(kind: _Ranged, groups: Floats) -> Floats:
    """Without importance: the size of a number, and that of the group's for the larger types."""
    size = np.abs(groups)
    if kind is not _Q2:
        size += np.sqrt((groups * groups).sum(axis=0) / np.float32(kind.numbers))
    return size


def _by_most(values: Floats, most: int) -> tuple[Floats, Floats]:
    """Values that are not negative as levels of the largest: its step, and the levels."""
    top = np.maximum(values.max(axis=1), _ZERO)
    factor = np.divide(np.float32(most), top, out=np.zeros_like(top), where=top > 0)
    levels = np.minimum(np.rint(factor[:, None] * values), np.float32(most))
    return top / np.float32(most), levels


def _by_largest(values: Floats, half: int) -> tuple[Floats, Floats]:
    """Values of either sign as levels 0 to 2 * half - 1 of the one farthest from zero."""
    top = farthest(values, 1)
    factor = np.divide(np.float32(-half), top, out=np.zeros_like(top), where=top != 0)
    levels = np.clip(np.rint(factor[:, None] * values), -half, half - 1) + np.float32(half)
    levels[top == 0] = 0
    return inverse(factor), levels


def _round_again(
    groups: Floats, levels: Floats, step: Floats, lowest: Floats | None, limits: tuple[int, int]
) -> None:
    """Set levels anew with the scales as they will be read; where a scale is zero they stay."""
    step = step.reshape(-1)
    moved = groups if lowest is None else groups + lowest.reshape(-1)
    fresh = np.rint(moved / step)
    np.clip(fresh, np.float32(limits[0]), np.float32(limits[1]), out=fresh)
    fresh -= np.float32(min(limits[0], 0))
    np.copyto(levels, fresh, where=step != 0)


def _widened(blocks: Blocks, field: str) -> Floats:
    wide: Floats = blocks[field].astype(np.float32)
    return wide


def _of_blocks(levels: Floats) -> Bytes:
    """(numbers, groups) of any kind back to (256, blocks)."""
    numbers = len(levels)
    parts = levels.astype(np.uint8).reshape(numbers, -1, 256 // numbers)
    return np.ascontiguousarray(parts.transpose(2, 0, 1)).reshape(256, -1)


def _columns(values: Floats) -> Floats:
    return np.ascontiguousarray(values.T)
