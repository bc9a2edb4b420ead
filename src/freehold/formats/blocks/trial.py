"""Does another decoder come to our numbers, another encoder to our bytes? A few blocks tell."""

from __future__ import annotations

import numpy as np

from freehold.formats.blocks.dequantize import Decoder, dequantize
from freehold.formats.blocks.quantize import Encoder, quantize
from freehold.formats.gguf_types import TYPES_BY_NAME

_BLOCKS = 64
_FINITE = 0x3B
"""The highest byte used: as the upper byte of a half-precision number it leaves it finite."""


def agrees(name: str, decode: Decoder) -> bool:
    """Whether `decode` makes the same float32 of random blocks, to the bit, and no more of them."""
    block = TYPES_BY_NAME[name]
    dice = np.random.default_rng(block.id)
    raw = dice.integers(0, _FINITE, _BLOCKS * block.bytes, dtype=np.uint8)
    ours = dequantize(raw, block)
    room = np.full(ours.size + block.elements, np.float32(1), np.float32)
    decode(raw, room[: ours.size])
    untouched = bool((room[ours.size :] == 1).all())
    return untouched and np.array_equal(room[: ours.size].view(np.uint32), ours.view(np.uint32))


def writes_alike(name: str, encode: Encoder) -> bool:
    """Whether `encode` makes the same bytes of random numbers, with importance and without."""
    block = TYPES_BY_NAME[name]
    dice = np.random.default_rng(block.id)
    numbers = dice.standard_normal((4, 512)).astype(np.float32)
    importance = dice.random(512).astype(np.float32)
    return all(
        np.array_equal(encode(numbers, given), quantize(numbers, block, given))
        for given in (None, importance)
    )
