"""IQ1, IQ2 and IQ3: eight (or four) numbers at once are a point of a lattice, found by its index.

Signs are apart from magnitudes. Where there are seven bits for eight signs, the number of minus
signs is even, and the eighth follows. All products here are exact: small whole numbers times a
half-precision scale.
"""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.lattice_points import points
from freehold.formats.blocks.layout import (
    Blocks,
    Bytes,
    Floats,
    Words,
    column,
    fill,
    nibbles,
    numbers,
)

_QUARTER, _HALF, _EIGHTH = np.float32(0.25), np.float32(0.5), np.float32(0.125)
_SEVENS = np.arange(0, 28, 7, dtype=np.uint32)
_THREES = np.arange(0, 12, 3, dtype=np.uint16)


def iq2_xxs(blocks: Blocks, out: Floats) -> None:
    """Per 32 numbers: four indexes of eight bits, four times seven signs, four bits of scale."""
    pairs = column(blocks, "grid").view("<u4").reshape(-1, 8, 2)
    index = np.ascontiguousarray(pairs[..., 0]).view(np.uint8)
    signs, scale = _seven_signs(pairs[..., 1])
    factor = numbers(blocks, "scale") * (_HALF + scale) * _QUARTER
    _place(points("IQ2_XXS").take(index), signs, factor, out)


def iq2_xs(blocks: Blocks, out: Floats) -> None:
    """Per eight numbers nine bits of index and seven signs; a scale of four bits for sixteen."""
    both = column(blocks, "grid").view("<u2")
    factor = numbers(blocks, "scale") * (_HALF + _in_turn(blocks)) * _QUARTER
    _place(points("IQ2_XS").take(both & 511), _minus_of_seven().take(both >> 9), factor, out)


def iq2_s(blocks: Blocks, out: Floats) -> None:
    """Per eight numbers ten bits of index and eight signs; a scale of four bits for sixteen."""
    upper = column(blocks, "high")[..., None] >> np.arange(0, 8, 2, dtype=np.uint8) & 3
    index = column(blocks, "grid") | upper.reshape(-1, 32).astype(np.uint16) << 8
    factor = numbers(blocks, "scale") * (_HALF + _in_turn(blocks)) * _QUARTER
    _place(points("IQ2_S").take(index), _minus().take(column(blocks, "signs")), factor, out)


def iq3_xxs(blocks: Blocks, out: Floats) -> None:
    """Per 32 numbers: eight indexes of eight bits, four times seven signs, four bits of scale."""
    signs, scale = _seven_signs(column(blocks, "signs").view("<u4"))
    factor = numbers(blocks, "scale") * (_HALF + scale) * _HALF
    _place(points("IQ3_XXS").take(column(blocks, "grid")), signs, factor, out)


def iq3_s(blocks: Blocks, out: Floats) -> None:
    """Per four numbers nine bits of index, per eight eight signs, per 32 four bits of scale."""
    ninth = np.unpackbits(column(blocks, "high"), axis=1, bitorder="little")
    index = column(blocks, "grid") | ninth.astype(np.uint16) << 8
    factor = numbers(blocks, "scale") * (1 + 2 * _in_turn(blocks))
    _place(points("IQ3_S").take(index), _minus().take(column(blocks, "signs")), factor, out)


def iq1_s(blocks: Blocks, out: Floats) -> None:
    """Per eight numbers eleven bits of index; per 32 a scale of three bits and one shift's sign."""
    high = column(blocks, "high").view("<u2")
    upper = high[..., None] >> _THREES & np.uint16(7) | (high >> 15 << 3)[..., None]
    index = column(blocks, "grid") | upper.reshape(-1, 32) << 8
    factor = numbers(blocks, "scale") * (2 * (high >> 12 & 7) + 1).astype(np.float32) * _EIGHTH
    _place(_shifted_points().take(index), None, factor, out)


def iq1_m(blocks: Blocks, out: Floats) -> None:
    """Per eight numbers eleven bits of index and a shift's sign, per sixteen a scale of three bits.

    The block's own scale is in four parts, the top nibbles of the four words of scales.
    """
    packed = column(blocks, "scales").view("<u2")
    parts = packed >> 12 << np.arange(0, 16, 4, dtype=np.uint16)
    whole = np.bitwise_or.reduce(parts, axis=1).view("<f2").astype(np.float32)[:, None]
    scale = (packed[..., None] >> _THREES & np.uint16(7)).reshape(-1, 16)
    upper = np.stack(nibbles(column(blocks, "high")), axis=-1).reshape(-1, 32)
    index = column(blocks, "grid") | upper.astype(np.uint16) << 8
    factor = whole * (2 * scale + 1).astype(np.float32) * _EIGHTH
    _place(_shifted_points().take(index), None, factor, out)


def _place(
    found: NDArray[np.uint64] | NDArray[np.uint32],
    minus: Words | None,
    factor: Floats,
    out: Floats,
) -> None:
    """Give points their signs and their scale. `factor` is (blocks, groups)."""
    values = found.view(np.int8).reshape(-1)
    if minus is not None:
        flip = minus.view(np.int8).reshape(-1)
        values ^= flip  # all bits turned and one added: minus, in two's complement
        values -= flip
    fill(out, values, factor)


def _seven_signs(packed: NDArray[np.uint32]) -> tuple[Words, Floats]:
    seven = packed[..., None] >> _SEVENS & np.uint32(127)
    return _minus_of_seven().take(seven), (packed >> 28).astype(np.float32)


def _in_turn(blocks: Blocks) -> Floats:
    """Scales of four bits, the low nibble before the high one."""
    low, high = (column(blocks, "scales") & 15, column(blocks, "scales") >> 4)
    return np.stack((low, high), axis=-1).reshape(len(blocks), -1).astype(np.float32)


@cache
def _minus() -> Words:
    """For each set of signs the word whose bytes are -1 where a number is negative."""
    return _signs_of(np.arange(256, dtype=np.uint8))


@cache
def _minus_of_seven() -> Words:
    """The same where the eighth sign follows from seven: there is an even number of them."""
    seven = np.arange(128, dtype=np.uint8)
    return _signs_of(seven | (np.bitwise_count(seven) & np.uint8(1)) << np.uint8(7))


def _signs_of(sets: Bytes) -> Words:
    bits = np.unpackbits(sets[:, None], axis=1, bitorder="little")
    return (bits * np.uint8(255)).view(np.uint64).ravel()


@cache
def _shifted_points() -> Words:
    """Of IQ1, in eighths: each point moved up by an eighth, then each moved down."""
    eighths = points("IQ1_S").view(np.int8) * np.int8(8)
    return np.concatenate((eighths + np.int8(1), eighths - np.int8(1))).view(np.uint64)
