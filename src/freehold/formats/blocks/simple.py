"""Q4_0, Q4_1, Q5_0, Q5_1, Q8_0: blocks of 32 numbers with one scale, some with a minimum.

Of the four-bit numbers the low halves of the sixteen bytes are numbers 0 to 15, the high halves
16 to 31. The five-bit types keep the fifth bits apart: bit i of a word belongs to number i.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from freehold.formats.blocks.layout import (
    Blocks,
    Bytes,
    Floats,
    Words,
    column,
    nibbles,
    numbers,
    spread,
)


def q4_0(blocks: Blocks, out: Floats) -> None:
    """(quant - 8) * scale."""
    scale = numbers(blocks, "scale")
    halves = out.reshape(-1, 2, 16)
    for half, part in enumerate(nibbles(column(blocks, "quants"))):
        signed = part.view(np.int8)
        signed -= np.int8(8)
        spread(scale, signed, halves[:, half])


def q4_1(blocks: Blocks, out: Floats) -> None:
    """quant * scale + minimum."""
    scale = numbers(blocks, "scale")
    halves = out.reshape(-1, 2, 16)
    for half, part in enumerate(nibbles(column(blocks, "quants"))):
        spread(scale, part, halves[:, half])
    out += numbers(blocks, "minimum")


def q5_0(blocks: Blocks, out: Floats) -> None:
    """(quant - 16) * scale."""
    quants = _five_bits(blocks)
    quants -= np.uint8(16)
    spread(numbers(blocks, "scale"), quants.view(np.int8), out)


def q5_1(blocks: Blocks, out: Floats) -> None:
    """quant * scale + minimum."""
    spread(numbers(blocks, "scale"), _five_bits(blocks), out)
    out += numbers(blocks, "minimum")


def q8_0(blocks: Blocks, out: Floats) -> None:
    """quant * scale."""
    spread(numbers(blocks, "scale"), column(blocks, "quants").view(np.int8), out)


def _five_bits(blocks: Blocks) -> Bytes:
    fifth = _fifth_bits().take(column(blocks, "high")).view(np.uint8).reshape(-1, 2, 16)
    for half, part in enumerate(nibbles(column(blocks, "quants"))):
        fifth[:, half] |= part
    return fifth.reshape(-1, 32)


@cache
def _fifth_bits() -> Words:
    """For each byte the word whose eight bytes are 16 where that bit is set."""
    bits = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return (bits << 4).view(np.uint64).ravel()
