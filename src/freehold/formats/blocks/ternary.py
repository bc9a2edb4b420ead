"""TQ1_0 and TQ2_0: blocks of 256 numbers that are -1, 0 or 1 times one scale."""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.layout import Blocks, Floats, column, each, numbers, spread, words

_BY_TWO = np.arange(0, 8, 2, dtype=np.uint64)[:, None]
_POWERS = np.array([1, 3, 9, 27, 81], np.uint8)[:, None]


def tq1_0(blocks: Blocks, out: Floats) -> None:
    """Five digits of base three in a byte, as a fraction: the first is byte * 3 / 256."""
    packed = column(blocks, "quants")
    digits = np.empty((len(blocks), 256), np.uint8)
    np.multiply(packed[:, None, :32], _POWERS, out=digits[:, :160].reshape(-1, 5, 32))
    np.multiply(packed[:, None, 32:], _POWERS, out=digits[:, 160:240].reshape(-1, 5, 16))
    rest = column(blocks, "rest")
    np.multiply(rest[:, None], _POWERS[:4], out=digits[:, 240:].reshape(-1, 4, 4))
    signed = (digits >= 86).view(np.int8)
    signed += (digits >= 171).view(np.int8)
    signed -= np.int8(1)
    spread(numbers(blocks, "scale"), signed, out)


def tq2_0(blocks: Blocks, out: Floats) -> None:
    """Two bits a number; a byte holds four that are 32 apart."""
    quants = words(column(blocks, "quants")).reshape(-1, 2, 1, 4) >> _BY_TWO
    quants &= each(3)
    signed = quants.view(np.int8).reshape(-1, 256)
    signed -= np.int8(1)
    spread(numbers(blocks, "scale"), signed, out)
