"""Q2_K to Q6_K: blocks of 256 numbers in groups of 16 or 32, whose scales are quantized too.

Where quants are of two bits, a byte holds four numbers that are 32 apart; of four bits, two.
"""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.layout import (
    Blocks,
    Floats,
    bits,
    column,
    fill,
    in_turn,
    lower,
    nibbles,
    numbers,
)


def q2_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 16 with four bits for each of the two."""
    scale, minimum = nibbles(column(blocks, "scales"))
    packed = column(blocks, "quants")
    quants = in_turn([bits(packed, right, 3) for right in (0, 2, 4, 6)], 32)
    fill(out, quants, numbers(blocks, "scale") * scale)
    lower(out, numbers(blocks, "minimum") * minimum)


def q3_k(blocks: Blocks, out: Floats) -> None:
    """(quant - 4) * (scale - 32), in groups of 16; third bits and six-bit scales lie apart."""
    packed, high = column(blocks, "quants"), column(blocks, "high")
    quants = in_turn([bits(packed, right, 3) for right in (0, 2, 4, 6)], 32)
    quants |= in_turn([bits(high, right, 1, 2) for right in range(8)], 32)
    signed = quants.view(np.int8)
    signed -= np.int8(4)
    fill(out, signed, numbers(blocks, "scale") * _six_bit_scales(blocks))


def q4_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 32."""
    scale, minimum = _scales_and_minimums(blocks)
    fill(out, in_turn(nibbles(column(blocks, "quants")), 32), scale)
    lower(out, minimum)


def q5_k(blocks: Blocks, out: Floats) -> None:
    """quant * scale - minimum, in groups of 32; bit i of 32 bytes is the fifth bit in group i."""
    scale, minimum = _scales_and_minimums(blocks)
    high = column(blocks, "high")
    quants = in_turn(nibbles(column(blocks, "quants")), 32)
    quants |= in_turn([bits(high, right, 1, 4) for right in range(8)], 32)
    fill(out, quants, scale)
    lower(out, minimum)


def q6_k(blocks: Blocks, out: Floats) -> None:
    """(quant - 32) * scale, in groups of 16 with eight bits for a scale."""
    high = column(blocks, "high")
    both = in_turn(
        (high, bits(high, 2, 63)), 32
    )  # two bits for low nibbles, then two for high ones
    low, upper = (part.reshape(-1) for part in nibbles(column(blocks, "quants")))
    low |= bits(both, 0, 3, 4)
    upper |= bits(both, 4, 3, 4)
    signed = in_turn((low, upper), 64).view(np.int8)
    signed -= np.int8(32)
    fill(out, signed, numbers(blocks, "scale") * column(blocks, "scales").view(np.int8))


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
    """Of Q4_K and Q5_K, of shape (blocks, 8): twelve bytes hold eight of each, six bits wide.

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
    return numbers(blocks, "scale") * scale, numbers(blocks, "minimum") * minimum
