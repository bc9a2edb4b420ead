"""The layouts of ggml's blocks, one structured type each, and the few moves all of them need.

A field of n bytes is kept as one opaque item of n bytes: NumPy copies such a column out of its
rows at the speed of memory, which it does not do for rows of n numbers. What a field means is said
where it is decoded.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from freehold.formats.blocks.half import widen

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]
Blocks = NDArray[np.void]
"""Blocks of one structured type, one after the other."""
Words = NDArray[np.uint64]
"""Eight bytes at a time: a shift or a mask of one is a shift or a mask of eight."""

_HALF = "<f2"


def _layout(*fields: tuple[str, str]) -> np.dtype[np.void]:
    return np.dtype(list(fields))


LAYOUTS: Mapping[str, np.dtype[np.void]] = MappingProxyType(
    {
        "Q4_0": _layout(("scale", _HALF), ("quants", "V16")),
        "Q4_1": _layout(("scale", _HALF), ("minimum", _HALF), ("quants", "V16")),
        "Q5_0": _layout(("scale", _HALF), ("high", "<u4"), ("quants", "V16")),
        "Q5_1": _layout(("scale", _HALF), ("minimum", _HALF), ("high", "<u4"), ("quants", "V16")),
        "Q8_0": _layout(("scale", _HALF), ("quants", "V32")),
        "Q2_K": _layout(("scales", "V16"), ("quants", "V64"), ("scale", _HALF), ("minimum", _HALF)),
        "Q3_K": _layout(("high", "V32"), ("quants", "V64"), ("scales", "V12"), ("scale", _HALF)),
        "Q4_K": _layout(
            ("scale", _HALF), ("minimum", _HALF), ("scales", "V12"), ("quants", "V128")
        ),
        "Q5_K": _layout(
            ("scale", _HALF),
            ("minimum", _HALF),
            ("scales", "V12"),
            ("high", "V32"),
            ("quants", "V128"),
        ),
        "Q6_K": _layout(("quants", "V128"), ("high", "V64"), ("scales", "V16"), ("scale", _HALF)),
        "IQ4_NL": _layout(("scale", _HALF), ("quants", "V16")),
        "IQ4_XS": _layout(
            ("scale", _HALF), ("scales_high", "<u2"), ("scales_low", "V4"), ("quants", "V128")
        ),
        "MXFP4": _layout(("exponent", "u1"), ("quants", "V16")),
        "TQ1_0": _layout(("quants", "V48"), ("rest", "V4"), ("scale", _HALF)),
        "TQ2_0": _layout(("quants", "V64"), ("scale", _HALF)),
        "IQ1_S": _layout(("scale", _HALF), ("grid", "V32"), ("high", "V16")),
        "IQ1_M": _layout(("grid", "V32"), ("high", "V16"), ("scales", "V8")),
        "IQ2_XXS": _layout(("scale", _HALF), ("grid", "V64")),
        "IQ2_XS": _layout(("scale", _HALF), ("grid", "V64"), ("scales", "V8")),
        "IQ2_S": _layout(
            ("scale", _HALF), ("grid", "V32"), ("signs", "V32"), ("high", "V8"), ("scales", "V8")
        ),
        "IQ3_XXS": _layout(("scale", _HALF), ("grid", "V64"), ("signs", "V32")),
        "IQ3_S": _layout(
            ("scale", _HALF), ("grid", "V64"), ("high", "V8"), ("signs", "V32"), ("scales", "V4")
        ),
    }
)
"""By the block type's name, fields in the order of ggml's own structures (ggml-common.h)."""


def column(blocks: Blocks, field: str) -> Bytes:
    """One field's bytes, copied together: shape (blocks, bytes of the field)."""
    return np.ascontiguousarray(blocks[field]).view(np.uint8).reshape(len(blocks), -1)


def numbers(blocks: Blocks, field: str) -> Floats:
    """A half-precision field as float32: shape (blocks, 1)."""
    wide = np.empty(len(blocks), np.float32)
    widen(np.ascontiguousarray(blocks[field]), wide)
    return wide[:, None]


def words(data: Bytes) -> Words:
    """The same memory, eight bytes at a time. The last axis is a multiple of eight."""
    return data.view(np.uint64)


def bits(data: Bytes, right: int, mask: int, to: int = 0) -> Bytes:
    """Of each byte the bits that `mask` leaves of byte >> right, moved left again by `to`."""
    shift = right - to
    moved = words(data) >> np.uint64(shift) if shift >= 0 else words(data) << np.uint64(-shift)
    moved &= np.uint64((mask << to) * 0x0101_0101_0101_0101)
    return moved.view(np.uint8)


def nibbles(data: Bytes) -> tuple[Bytes, Bytes]:
    """The low and the high four bits of each byte."""
    return bits(data, 0, 15), bits(data, 4, 15)


def in_turn(parts: Sequence[Bytes], width: int) -> Bytes:
    """`width` bytes of each part in turn, again and again."""
    item = f"V{width}"
    whole = np.empty((parts[0].size // width, len(parts)), item)
    for index, part in enumerate(parts):
        whole[:, index] = part.reshape(-1).view(item)
    return whole.reshape(-1).view(np.uint8)


def fill(out: Floats, quants: NDArray[np.integer], scale: Floats) -> None:
    """Set `out` to quants times scale; a scale is for as many numbers as there are for each.

    One product and one rounding, as ggml does it. Repeating the scales costs less than the many
    short loops with which NumPy would spread them.
    """
    flat = out.reshape(-1)
    flat[...] = quants.reshape(-1)
    flat *= np.repeat(scale.reshape(-1), flat.size // max(1, scale.size))


def lower(out: Floats, minimum: Floats) -> None:
    """Subtract minimums, each from as many numbers as there are for it."""
    flat = out.reshape(-1)
    flat -= np.repeat(minimum.reshape(-1), flat.size // max(1, minimum.size))
