"""Numbers to IQ4_NL and IQ4_XS, to the bit as ggml does it, with importance and without."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.codebook import NON_LINEAR
from freehold.formats.blocks.layout import LAYOUTS, Blocks, Bytes, Floats
from freehold.formats.blocks.packing import grouped, in_halves, item
from freehold.formats.blocks.scale_search import NOTHING, farthest, inverse, largest, softened

_LOWEST = NON_LINEAR[0]
_TRIES = 7
_ZERO = np.float32(0)


def iq4_nl(x: Floats, importance: Floats | None) -> Blocks:
    """One scale for 32 numbers."""
    scale = _best_scale(x, _weights(x, importance))
    levels = _nearest(x * inverse(scale))
    blocks = np.empty(x.shape[1], LAYOUTS["IQ4_NL"])
    blocks["scale"] = scale
    blocks["quants"] = item(in_halves(levels))
    return blocks


def iq4_xs(x: Floats, importance: Floats | None) -> Blocks:
    """One scale for 256 numbers, and six bits more for each 32 of them."""
    weights = _weights(x, importance)
    groups = grouped(x, 32)
    scales = _best_scale(groups, grouped(weights, 32)).reshape(-1, 8)
    step = -farthest(scales, 1) / np.float32(32)
    level = np.clip(np.rint(inverse(step)[:, None] * scales), -32, 31).astype(np.float32)
    levels = _nearest(groups * inverse((step[:, None] * level).reshape(-1)))
    blocks = np.empty(x.shape[1], LAYOUTS["IQ4_XS"])
    blocks["scale"] = step
    ranks = (level + np.float32(32)).astype(np.uint8)
    blocks["scales_low"] = item((ranks[:, ::2] & np.uint8(15) | ranks[:, 1::2] << np.uint8(4)).T)
    upper = (ranks >> np.uint8(4)).astype(np.uint16) << np.arange(0, 16, 2, dtype=np.uint16)
    blocks["scales_high"] = np.bitwise_or.reduce(upper, axis=1)
    packed = in_halves(levels).reshape(16, -1, 8).transpose(2, 0, 1).reshape(128, -1)
    blocks["quants"] = item(packed)
    return blocks


def _best_scale(x: Floats, weights: Floats) -> Floats:
    """The scale with the least weighted error of fifteen and the first guess."""
    top = largest(x)

    def sums(inverse: Floats) -> tuple[Floats, Floats]:
        near = _values().take(_doubled(x * inverse), mode="clip")
        weighted = weights * near
        along = (weighted * x).sum(axis=0)
        weighted *= near
        return along, weighted.sum(axis=0)

    along, square = sums(np.float32(1) / (-top / np.float32(_LOWEST)))
    scale = np.where(square > 0, along / square, _ZERO)
    best = scale * along
    for offset in range(-_TRIES, _TRIES + 1):
        along, square = sums(np.float32(offset + _LOWEST) / top)
        better = (square > 0) & (along * along > best * square)
        np.divide(along, square, out=scale, where=better)
        np.multiply(scale, along, out=best, where=better)
    scale[np.abs(top) < NOTHING] = 0
    return scale


def _weights(x: Floats, importance: Floats | None) -> Floats:
    return x * x if importance is None else softened(x, importance, 2)


def _nearest(x: Floats) -> Bytes:
    """The index of the nearest value of the book; half way up, the higher one."""
    return _indexes().take(_doubled(x), mode="clip")


def _doubled(x: Floats) -> NDArray[np.intp]:
    """Where a number falls among halves, from -128 up: borders of the book are all halves."""
    double = x * np.float32(2)
    np.floor(double, out=double)
    double += np.float32(256)
    np.clip(double, _ZERO, np.float32(511), out=double)
    np.nan_to_num(double, copy=False)
    return double.astype(np.intp)


@cache
def _indexes() -> Bytes:
    book = np.array(NON_LINEAR) * 2
    borders = (book[:-1] + book[1:]) / 2
    return np.searchsorted(borders, np.arange(-256, 256), side="right").astype(np.uint8)


@cache
def _values() -> Floats:
    return np.array(NON_LINEAR, np.float32)[_indexes()]
