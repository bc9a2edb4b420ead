"""Q2_K to Q6_K: blocks of 256 numbers in groups of 16 or 32, whose scales are quantized too.

Where quants are of two bits, a byte holds four numbers that are 32 apart; of four bits, two.
"""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.layout import (
    Blocks,
    Floats,
    column,
    each,
    nibbles,
    numbers,
    spread,
    words,
)

_BY_TWO = np.arange(0, 8, 2, dtype=np.uint64)[:, None]
_BY_ONE = np.arange(8, dtype=np.uint64).reshape(2, 4, 1)


def q2_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 16 with four bits for each of the two."""
    scale, minimum = nibbles(column(blocks, "scales"))
    quants = words(column(blocks, "quants")).reshape(-1, 2, 1, 4) >> _BY_TWO
    quants &= each(3)
    groups = out.reshape(-1, 16, 16)
    factor = numbers(blocks, "scale") * scale
    spread(factor[..., None], quants.view(np.uint8).reshape(-1, 16, 16), groups)
    groups -= (numbers(blocks, "minimum") * minimum)[..., None]


def q3_k(blocks: Blocks, out: Floats) -> None:
    """(quant - 4) * (scale - 32), in groups of 16; third bits and six-bit scales lie apart."""
    high = words(column(blocks, "high")).reshape(-1, 1, 1, 4) >> _BY_ONE
    high &= each(1)
    high <<= np.uint64(2)
    quants = words(column(blocks, "quants")).reshape(-1, 2, 1, 4) >> _BY_TWO
    quants &= each(3)
    quants |= high
    signed = quants.view(np.int8).reshape(-1, 16, 16)
    signed -= np.int8(4)
    factor = numbers(blocks, "scale") * _six_bit_scales(blocks)
    spread(factor[..., None], signed, out.reshape(-1, 16, 16))


def q4_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 32."""
    scale, minimum = _scales_and_minimums(blocks)
    groups = out.reshape(-1, 4, 2, 32)
    for half, part in enumerate(nibbles(column(blocks, "quants"))):
        spread(scale[:, :, half, None], part.reshape(-1, 4, 32), groups[:, :, half])
    groups -= minimum[..., None]


def q5_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 32; bit i of 32 bytes is the fifth bit in group i."""
    scale, minimum = _scales_and_minimums(blocks)
    fifth = words(column(blocks, "high")).reshape(-1, 1, 4) >> _BY_TWO
    groups = out.reshape(-1, 4, 2, 32)
    for half, part in enumerate(nibbles(column(blocks, "quants"))):
        bits = (fifth >> np.uint64(half)) & each(1)
        bits <<= np.uint64(4)
        bits |= words(part).reshape(-1, 4, 4)
        spread(scale[:, :, half, None], bits.view(np.uint8), groups[:, :, half])
    groups -= minimum[..., None]


def q6_k(blocks: Blocks, out: Floats) -> None:
    """(quant - 32) * scale, in groups of 16 with eight bits for a scale."""
    high = words(column(blocks, "high")).reshape(-1, 2, 1, 4) >> _BY_TWO[:2]
    low, upper = nibbles(column(blocks, "quants"))
    factor = numbers(blocks, "scale") * column(blocks, "scales").view(np.int8)
    factor = factor.reshape(-1, 2, 2, 4, 1)
    groups = out.reshape(-1, 2, 2, 4, 16)
    for half, part in enumerate((low, upper)):
        bits = high << np.uint64(4) if half == 0 else high
        bits = bits & each(0x30)
        bits |= words(part).reshape(-1, 2, 2, 4)
        signed = bits.view(np.int8).reshape(-1, 2, 4, 16)
        signed -= np.int8(32)
        spread(factor[:, :, half], signed, groups[:, :, half])


def _six_bit_scales(blocks: Blocks) -> Floats:
    """Of Q3_K: eight bytes of low nibbles, then four bytes with the upper two bits, by fours."""
    packed = column(blocks, "scales")
    scales = np.empty((len(blocks), 2, 8), np.uint8)
    scales[:, 0], scales[:, 1] = packed[:, :8] & 15, packed[:, :8] >> 4
    upper = packed[:, None, 8:] >> np.arange(0, 8, 2, dtype=np.uint8)[:, None]
    scales |= ((upper & 3) << 4).reshape(-1, 2, 8)
    scales -= np.uint8(32)
    return scales.view(np.int8).reshape(-1, 16).astype(np.float32)


def _scales_and_minimums(blocks: Blocks) -> tuple[Floats, Floats]:
    """Of Q4_K and Q5_K, of shape (blocks, 4, 2): twelve bytes hold eight of each, six bits wide.

    The first four of each are the low bits of bytes 0 to 3 and 4 to 7. The last four have their
    low nibbles in bytes 8 to 11 and their upper bits on top of the first four.
    """
    packed = column(blocks, "scales").view("<u4")
    first, second, third = packed[:, 0], packed[:, 1], packed[:, 2]
    both = np.empty((2, len(blocks), 2), np.uint32)
    both[0, :, 0] = first & 0x3F3F3F3F
    both[1, :, 0] = second & 0x3F3F3F3F
    both[0, :, 1] = third & 0x0F0F0F0F | first >> 2 & 0x30303030
    both[1, :, 1] = third >> 4 & 0x0F0F0F0F | second >> 2 & 0x30303030
    scale, minimum = both.view(np.uint8)
    scaled = numbers(blocks, "scale") * scale, numbers(blocks, "minimum") * minimum
    return scaled[0].reshape(-1, 4, 2), scaled[1].reshape(-1, 4, 2)
