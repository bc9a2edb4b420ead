"""Float32 to blocks of bytes: what llama.cpp's quantizer writes, to the bit, by NumPy alone.

The importance of a number (an importance matrix has one for each column) makes its error count for
more where a scale is searched for. Types that only round ignore it, as llama.cpp does. A caller
that has compiled encoders can have them used where there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.blocks import encode_codebook, encode_k, encode_simple
from freehold.formats.blocks.crew import ALONE, Crew
from freehold.formats.blocks.layout import Blocks, Bytes, Floats
from freehold.formats.blocks.scale_search import softened
from freehold.formats.gguf_types import BlockType

_PIECE = 131_072
"""Numbers in a piece, in whole rows: a search holds a dozen arrays of them."""

Encoder = Callable[[Floats, Floats | None], Bytes]
"""Makes rows of bytes of rows of numbers, and of the importance of each column if given."""
NONE: Mapping[str, Encoder] = MappingProxyType({})

_ENCODERS: Mapping[str, Callable[[Floats, Floats | None], Blocks]] = MappingProxyType(
    {
        "Q4_0": encode_simple.q4_0,
        "Q4_1": encode_simple.q4_1,
        "Q5_0": encode_simple.q5_0,
        "Q5_1": encode_simple.q5_1,
        "Q8_0": encode_simple.q8_0,
        "Q2_K": encode_k.q2_k,
        "Q3_K": encode_k.q3_k,
        "Q4_K": encode_k.q4_k,
        "Q5_K": encode_k.q5_k,
        "Q6_K": encode_k.q6_k,
        "IQ4_NL": encode_codebook.iq4_nl,
        "IQ4_XS": encode_codebook.iq4_xs,
    }
)
_OF_A_ROW = frozenset({"Q4_0", "Q4_1", "Q5_0", "Q5_1"})
"""With importance, these soften it by the mean square of the whole row, the others of a block."""

_NOTHING = "Nothing was written."

QUANTIZED = ("F32", "F16", "BF16", *_ENCODERS)
"""The names of all block types that can be written here."""


def quantize(
    numbers: Floats,
    block: BlockType,
    importance: Floats | None = None,
    crew: Crew = ALONE,
    compiled: Mapping[str, Encoder] = NONE,
) -> Bytes:
    """Return rows of bytes for rows of float32; a row is a multiple of the block's elements.

    `importance`, if given, has one number for each column, none of them negative. Threads of a
    crew help compiled encoders; NumPy's wait for each other. Raises UnsupportedModel for a type
    that cannot be written, FormatError for numbers that are none.
    """
    if block.name not in QUANTIZED:
        raise UnsupportedModel(
            f"Freehold cannot write numbers of block type {block.name}.",
            f"It can write {', '.join(QUANTIZED)}.",
        )
    rows = np.ascontiguousarray(numbers, np.float32).reshape(-1, numbers.shape[-1])
    width = rows.shape[1]
    if width % block.elements:
        raise ValueError(f"rows of {width} are no multiple of {block.elements}")
    if importance is not None and importance.shape != (width,):
        raise ValueError(f"importance must be of shape ({width},)")
    if importance is not None and not (np.isfinite(importance) & (importance >= 0)).all():
        raise FormatError("There is importance that is negative or no number.", _NOTHING)
    if importance is not None:
        importance = np.ascontiguousarray(importance, np.float32)
    out = empty_rows(len(rows), width, block)
    step = max(1, _PIECE // width)

    def piece(first: int) -> None:
        part = rows[first : first + step]
        if not np.isfinite(part).all():
            raise FormatError("There are weights that are no numbers.", _NOTHING)
        if block.name in compiled:
            out[first : first + step] = compiled[block.name](part, importance)
            return
        with np.errstate(all="ignore"):
            out[first : first + step] = _encode(part, block, importance).reshape(len(part), -1)

    crew.each(piece, range(0, len(rows), step))
    return out.reshape(*numbers.shape[:-1], -1)


def empty_rows(rows: int, width: int, block: BlockType) -> Bytes:
    """Room for the blocks of so many numbers."""
    return np.empty((rows, width // block.elements * block.bytes), np.uint8)


def _encode(rows: Floats, block: BlockType, importance: Floats | None) -> Bytes:
    if block.name == "F32":
        return rows.view(np.uint8)
    if block.name == "F16":
        return rows.astype("<f2").view(np.uint8)
    if block.name == "BF16":
        return _upper_half(rows)
    weights = None
    if importance is not None:
        whole = np.broadcast_to(importance, rows.shape)
        if block.name in _OF_A_ROW:
            # ggml adds number after number; NumPy does so along the first axis only.
            whole = softened(np.ascontiguousarray(rows.T), importance[:, None]).T
        weights = np.ascontiguousarray(whole.reshape(-1, block.elements).T)
    columns = np.ascontiguousarray(rows.reshape(-1, block.elements).T)
    return _ENCODERS[block.name](columns, weights).view(np.uint8)


def _upper_half(rows: Floats) -> Bytes:
    """The nearest of the numbers whose lower half is zero, halves to the even one."""
    whole = rows.view(np.uint32)
    nearest = whole + (np.uint32(0x7FFF) + (whole >> np.uint32(16) & np.uint32(1)))
    return (nearest >> np.uint32(16)).astype("<u2").view(np.uint8)
