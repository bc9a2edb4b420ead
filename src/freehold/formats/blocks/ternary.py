"""TQ1_0 and TQ2_0: blocks of 256 numbers that are -1, 0 or 1 times one scale."""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.layout import (
    Blocks,
    Bytes,
    Floats,
    bits,
    column,
    fill,
    in_turn,
    numbers,
)


def tq1_0(blocks: Blocks, out: Floats) -> None:
    """Five digits of base three in a byte, as a fraction: the first is byte * 3 / 256."""
    digits = np.empty((len(blocks), 256), np.uint8)
    first, rest = column(blocks, "quants"), column(blocks, "rest")
    _every_digit(first[:, :32], digits[:, :160], 32)
    _every_digit(first[:, 32:], digits[:, 160:240], 16)
    _every_digit(rest, digits[:, 240:], 4)
    signed = (digits >= np.uint8(86)).view(np.int8)
    signed += (digits >= np.uint8(171)).view(np.int8)
    signed -= np.int8(1)
    fill(out, signed, numbers(blocks, "scale"))


def tq2_0(blocks: Blocks, out: Floats) -> None:
    """Two bits a number; a byte holds four that are 32 apart."""
    packed = column(blocks, "quants")
    signed = in_turn([bits(packed, right, 3) for right in (0, 2, 4, 6)], 32).view(np.int8)
    signed -= np.int8(1)
    fill(out, signed, numbers(blocks, "scale"))


def _every_digit(packed: Bytes, digits: Bytes, width: int) -> None:
    """Move each digit in turn to the front, and put what is then in the byte in its place."""
    item = f"V{width}"
    moved = np.ascontiguousarray(packed)
    for at in range(0, digits.shape[1], width):
        digits[:, at : at + width].view(item)[...] = moved.view(item)
        moved = moved * np.uint8(3)
