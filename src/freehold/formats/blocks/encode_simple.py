"""Numbers to Q4_0, Q4_1, Q5_0, Q5_1 and Q8_0, to the bit as ggml does it.

Arrays of numbers are (numbers of a block, blocks). With the importance of each number given, the
four- and five-bit types search for the scale; without, the largest number sets it.
"""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.layout import LAYOUTS, Blocks, Bytes, Floats
from freehold.formats.blocks.packing import in_halves, item
from freehold.formats.blocks.scale_search import (
    WITH_IMPORTANCE,
    inverse,
    largest,
    ranged,
    smallest,
    symmetric,
)

_HALF = np.float32(0.5)


def q4_0(x: Floats, weights: Floats | None) -> Blocks:
    """Sixteen levels around zero."""
    return _symmetric("Q4_0", x, 8, weights)


def q5_0(x: Floats, weights: Floats | None) -> Blocks:
    """Thirty-two levels around zero."""
    return _symmetric("Q5_0", x, 16, weights)


def q4_1(x: Floats, weights: Floats | None) -> Blocks:
    """Sixteen levels from a minimum up."""
    return _ranged("Q4_1", x, 15, weights)


def q5_1(x: Floats, weights: Floats | None) -> Blocks:
    """Thirty-two levels from a minimum up."""
    return _ranged("Q5_1", x, 31, weights)


def q8_0(x: Floats, weights: Floats | None) -> Blocks:
    """Whole numbers from -127 to 127; importance changes nothing. Halves go away from zero."""
    del weights
    scale = np.abs(x).max(axis=0) / np.float32(127)
    level = x * inverse(scale)
    whole = np.trunc(level)
    level -= whole
    whole += (level >= _HALF).view(np.int8)
    whole -= (level <= -_HALF).view(np.int8)
    blocks = np.empty(x.shape[1], LAYOUTS["Q8_0"])
    blocks["scale"] = scale
    blocks["quants"] = item(whole.astype(np.int8).view(np.uint8))
    return blocks


def _symmetric(name: str, x: Floats, half: int, weights: Floats | None) -> Blocks:
    if weights is None:
        scale = largest(x) / np.float32(-half)
        numbers = x * inverse(scale)
        numbers += np.float32(half + 0.5)
        levels = np.minimum(numbers.astype(np.int8), np.int8(2 * half - 1)).view(np.uint8)
    else:
        scale, numbers = symmetric(x, half, weights)
        levels = numbers.astype(np.uint8)
    return _block(name, levels, scale)


def _ranged(name: str, x: Floats, most: int, weights: Floats | None) -> Blocks:
    if weights is None:
        minimum = smallest(x)
        span = np.abs(x.max(axis=0) - minimum)  # of zeros, never minus zero
        scale = span / np.float32(most)
        numbers = (x - minimum) * inverse(scale)
        numbers += _HALF
        levels = np.minimum(numbers.astype(np.uint8), np.uint8(most))
    else:
        fit = ranged(x, most, weights, WITH_IMPORTANCE)
        scale, minimum, levels = fit.scale, -fit.minimum, fit.levels.astype(np.uint8)
    blocks = _block(name, levels, scale)
    blocks["minimum"] = minimum
    return blocks


def _block(name: str, levels: Bytes, scale: Floats) -> Blocks:
    blocks = np.empty(levels.shape[1], LAYOUTS[name])
    blocks["scale"] = scale
    blocks["quants"] = item(in_halves(levels))
    if "high" in (LAYOUTS[name].names or ()):
        fifth = np.packbits(levels >> np.uint8(4), axis=0, bitorder="little")
        blocks["high"] = np.ascontiguousarray(fifth.T).view("<u4").reshape(-1)
    return blocks
