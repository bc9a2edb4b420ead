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
    fill,
    in_turn,
    lower,
    nibbles,
    numbers,
)


def q4_0(blocks: Blocks, out: Floats) -> None:
    """(quant - 8) * scale."""
    quants = in_turn(nibbles(column(blocks, "quants")), 16).view(np.int8)
    quants -= np.int8(8)
    fill(out, quants, numbers(blocks, "scale"))


def q4_1(blocks: Blocks, out: Floats) -> None:
    """quant * scale + minimum."""
    fill(out, in_turn(nibbles(column(blocks, "quants")), 16), numbers(blocks, "scale"))
    lower(out, -numbers(blocks, "minimum"))


def q5_0(blocks: Blocks, out: Floats) -> None:
    """(quant - 16) * scale."""
    quants = _five_bits(blocks).view(np.int8)
    quants -= np.int8(16)
    fill(out, quants, numbers(blocks, "scale"))


def q5_1(blocks: Blocks, out: Floats) -> None:
    """quant * scale + minimum."""
    fill(out, _five_bits(blocks), numbers(blocks, "scale"))
    lower(out, -numbers(blocks, "minimum"))


def q8_0(blocks: Blocks, out: Floats) -> None:
    """quant * scale."""
    fill(out, column(blocks, "quants").view(np.int8), numbers(blocks, "scale"))


def _five_bits(blocks: Blocks) -> Bytes:
    quants = in_turn(nibbles(column(blocks, "quants")), 16).view(np.uint64)
    quants |= _fifth_bits().take(column(blocks, "high").reshape(-1))
    return quants.view(np.uint8)


@cache
def _fifth_bits() -> Words:
    """For each byte the word whose eight bytes are 16 where that bit is set."""
    one = np.unpackbits(np.arange(256, dtype=np.uint8)[:, None], axis=1, bitorder="little")
    return (one << 4).view(np.uint64).ravel()
