"""Levels into bits: (levels of a block, blocks) into the bytes that a block keeps of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from freehold.formats.blocks.layout import Blocks, Bytes, Floats


def item(parts: Bytes) -> Blocks:
    """Bytes (n, blocks) as one item of n bytes for each block."""
    return np.ascontiguousarray(parts.T).view(f"V{len(parts)}").reshape(-1)


def in_halves(levels: Bytes) -> Bytes:
    """Levels of four bits in half as many bytes: the first half of them are the low halves."""
    half = len(levels) // 2
    return levels[:half] & np.uint8(15) | levels[half:] << np.uint8(4)


def grouped(x: Floats, numbers: int) -> Floats:
    """(256, blocks) to (numbers, groups), the groups of a block side by side."""
    parts = x.reshape(256 // numbers, numbers, -1)
    return np.ascontiguousarray(parts.transpose(1, 2, 0)).reshape(numbers, -1)


def _joined(parts: Sequence[Bytes], width: int) -> Bytes:
    whole = parts[0].copy()
    for index, part in enumerate(parts[1:], 1):
        whole |= part << np.uint8(width * index)
    return whole


def by_twos(levels: Bytes, apart: int) -> Bytes:
    """Two levels of four bits a byte, so far apart."""
    parts = levels.reshape(-1, 2, apart, levels.shape[1])
    return _joined((parts[:, 0], parts[:, 1]), 4).reshape(128, -1)


def by_fours(levels: Bytes) -> Bytes:
    """Four levels of two bits a byte, 32 apart."""
    parts = levels.reshape(2, 4, 32, -1)
    return _joined([parts[:, index] for index in range(4)], 2).reshape(64, -1)


def one_bit_each(levels: Bytes) -> Bytes:
    """Eight levels of one bit a byte, 32 apart."""
    parts = levels.reshape(8, 32, -1)
    return _joined([parts[index] for index in range(8)], 1)


def six_bits_apart(level: Bytes) -> Bytes:
    """Sixteen scales of Q3_K in twelve bytes: low halves by eights, upper bits by fours."""
    upper = (level >> np.uint8(4)).reshape(4, 4, -1)
    return np.concatenate((in_halves(level), _joined([upper[index] for index in range(4)], 2)))


def twelve_bytes(scales: Bytes, minimums: Bytes) -> Bytes:
    """Eight scales and eight minimums of six bits, as `k_quants` reads them."""
    four, six = np.uint8(4), np.uint8(6)
    return np.concatenate(
        (
            scales[:4] | scales[4:] >> four << six,
            minimums[:4] | minimums[4:] >> four << six,
            scales[4:] & np.uint8(15) | minimums[4:] << four,
        )
    )
