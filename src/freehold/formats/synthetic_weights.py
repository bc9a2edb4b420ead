"""Random weights of any block type: finite, of a size that a network can live with, soon made.

A pattern of random blocks is made once and repeated; its length is a prime number of blocks, so
that rows do not fall on equal places. Scales inside a block are set, everything else is random:
the values come out with a spread of about 0.03, centred on zero.
"""

from __future__ import annotations

import math
import random
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from freehold.errors import UsageError
from freehold.formats.gguf_types import BlockType

_SPREAD = 0.03
_BLOCKS = 8191
"""In a pattern: a prime, and large enough that repeating it costs next to nothing."""


@dataclass(frozen=True)
class _Scale:
    """A half-precision number inside a block, and its worth in units of the spread."""

    at: int
    units: float


# Units: one over the spread of the numbers a block holds before its scale, from the layouts of
# ggml. Where a block has a minimum beside its scale, it takes the mean back to zero.
_SCALES: Mapping[str, tuple[_Scale, ...]] = MappingProxyType(
    {
        "Q4_0": (_Scale(0, 1 / 4.6),),
        "Q4_1": (_Scale(0, 1 / 4.6), _Scale(2, -7.5 / 4.6)),
        "Q5_0": (_Scale(0, 1 / 9.2),),
        "Q5_1": (_Scale(0, 1 / 9.2), _Scale(2, -15.5 / 9.2)),
        "Q8_0": (_Scale(0, 1 / 74),),
        "Q2_K": (_Scale(80, 1 / 15), _Scale(82, 1.5 / 15)),
        "Q3_K": (_Scale(108, 1 / 42),),
        "Q4_K": (_Scale(0, 1 / 230), _Scale(2, 7.5 / 230)),
        "Q5_K": (_Scale(0, 1 / 470), _Scale(2, 15.5 / 470)),
        "Q6_K": (_Scale(208, 1 / 1370),),
        "IQ4_NL": (_Scale(0, 1 / 70),),
        "IQ4_XS": (_Scale(0, 1 / 1300),),
        "IQ3_XXS": (_Scale(0, 1 / 130),),
        "IQ2_XXS": (_Scale(0, 1 / 100),),
    }
)


def random_weights(block: BlockType, elements: int, seed: int) -> Iterator[bytes | memoryview]:
    """The bytes of `elements` weights of one type, in pieces.

    Raises UsageError for a type that there is no recipe for.
    """
    left = elements // block.elements * block.bytes
    pattern = memoryview(_pattern(block, min(_BLOCKS, left // block.bytes), seed))
    while left > 0:
        yield pattern[:left] if left < len(pattern) else pattern
        left -= len(pattern)


def constant_weights(value: float, elements: int) -> bytes:
    """F32 weights that are all the same, as in an untrained norm."""
    return struct.pack("<f", value) * elements


def spread_weights(least: float, most: float, elements: int, seed: int) -> bytes:
    """F32 weights anywhere between two numbers."""
    dice = random.Random(seed)  # noqa: S311 - weights, not secrets
    return struct.pack(f"<{elements}f", *(dice.uniform(least, most) for _ in range(elements)))


def _pattern(block: BlockType, blocks: int, seed: int) -> bytes:
    dice = random.Random(f"{block.name} {seed}")  # noqa: S311 - weights, not secrets
    if block.elements == 1:
        return _floats(block, blocks * 64, dice)
    raw = bytearray(dice.randbytes(blocks * block.bytes))
    if block.name == "MXFP4":  # a power of two instead of a scale: 2**(byte - 128), values to 12
        raw[0 :: block.bytes] = bytes([128 + round(math.log2(_SPREAD / 6))]) * blocks
        return bytes(raw)
    if block.name not in _SCALES:
        raise UsageError(f"There is no recipe for random weights of type {block.name}.")
    for scale in _SCALES[block.name]:
        half = struct.pack("<e", scale.units * _SPREAD)
        raw[scale.at :: block.bytes] = half[:1] * blocks
        raw[scale.at + 1 :: block.bytes] = half[1:] * blocks
    return bytes(raw)


def _floats(block: BlockType, count: int, dice: random.Random) -> bytes:
    """Numbers from 1/64 to 1/32 of either sign: random fraction, set exponent."""
    raw = bytearray(dice.randbytes(count * block.bytes))
    top = block.bytes - 1
    if block.name == "F16":
        raw[top :: block.bytes] = raw[top :: block.bytes].translate(_table(0x83, 0x24))
    elif block.name in {"BF16", "F32"}:
        raw[top :: block.bytes] = raw[top :: block.bytes].translate(_table(0x80, 0x3C))
        raw[top - 1 :: block.bytes] = raw[top - 1 :: block.bytes].translate(_table(0x7F, 0x80))
    else:
        raise UsageError(f"There is no recipe for random weights of type {block.name}.")
    return bytes(raw)


def _table(kept: int, added: int) -> bytes:
    return bytes(byte & kept | added for byte in range(256))
