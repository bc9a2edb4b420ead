"""IQ4_NL, IQ4_XS, MXFP4: four bits choose one of sixteen values that are not evenly spaced.

Groups are of 32 numbers. The low halves of sixteen bytes are numbers 0 to 15, the high ones 16 to
31; both are looked up two bytes at a time.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.layout import Blocks, Bytes, Floats, column, fill, in_turn, numbers

NON_LINEAR = (-127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113)
"""Of IQ4_NL and IQ4_XS: llama.cpp's values, closer together around zero."""
FLOAT_4 = (0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12)
"""Of MXFP4: twice what its four bits mean in the OCP Microscaling Formats 1.0."""


def iq4_nl(blocks: Blocks, out: Floats) -> None:
    """value * scale."""
    _look_up(column(blocks, "quants"), NON_LINEAR, numbers(blocks, "scale"), out)


def mxfp4(blocks: Blocks, out: Floats) -> None:
    """value * a power of two."""
    scale = _half_powers().take(np.ascontiguousarray(blocks["exponent"]))
    _look_up(column(blocks, "quants"), FLOAT_4, scale, out)


def iq4_xs(blocks: Blocks, out: Floats) -> None:
    """value * (scale - 32), in blocks of 256; four bits of a group's scale lie here, two there."""
    low = column(blocks, "scales_low")
    scales = np.empty((len(blocks), 4, 2), np.uint8)
    scales[..., 0], scales[..., 1] = low & 15, low >> 4
    upper = np.ascontiguousarray(blocks["scales_high"])[:, None]
    upper = upper >> np.arange(0, 16, 2, dtype=np.uint16) & np.uint16(3)
    scales |= (upper << 4).astype(np.uint8).reshape(-1, 4, 2)
    scales -= np.uint8(32)
    factor = numbers(blocks, "scale") * scales.view(np.int8).reshape(-1, 8)
    _look_up(column(blocks, "quants"), NON_LINEAR, factor, out)


def _look_up(quants: Bytes, values: tuple[int, ...], scale: Floats, out: Floats) -> None:
    pairs = quants.view(np.uint16).reshape(-1).astype(np.intp)
    found = [table.take(pairs).view(np.uint8) for table in _pairs(values)]
    fill(out, in_turn(found, 16).view(np.int8), scale)


@cache
def _pairs(values: tuple[int, ...]) -> tuple[NDArray[np.uint16], NDArray[np.uint16]]:
    """For any two bytes, the values of their low nibbles, and of their high ones."""
    book = np.array(values, np.int8)
    both = np.arange(65_536, dtype="<u2").view(np.uint8)
    return book[both & 15].view(np.uint16), book[both >> 4].view(np.uint16)


@cache
def _half_powers() -> Floats:
    """2 ** (byte - 128): half of what the byte means, as the values are doubled."""
    return np.ldexp(np.float32(1), np.arange(256) - 128).astype(np.float32)
