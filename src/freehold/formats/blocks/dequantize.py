"""Blocks of bytes to float32, for every block type that llama.cpp's common mixes use.

The work is cut into pieces that stay in a core's cache; several threads may share it, as NumPy
lets go of Python's lock inside a piece. Results are the reference's to the bit, NaN included.
A caller that has compiled decoders can have them used where there are any.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from freehold.errors import UnsupportedModel
from freehold.formats.blocks import codebook, k_quants, lattice, simple, ternary
from freehold.formats.blocks.crew import ALONE, Crew
from freehold.formats.blocks.layout import LAYOUTS, Blocks, Bytes, Floats
from freehold.formats.blocks.plain import PLAIN
from freehold.formats.gguf_types import BlockType

_PIECE = 1_048_576
"""Numbers in a piece, at most: 4 MB of float32. Smaller ones cost more calls than caches save."""
_WORTH_A_THREAD = 262_144
"""Numbers for which it pays to wake another one: that takes as long as to read some of these."""

Decoder = Callable[[Bytes, Floats], None]
"""Fills floats from the bytes of whole blocks; both lie in memory without gaps."""
NONE: Mapping[str, Decoder] = MappingProxyType({})

_DECODERS: Mapping[str, Callable[[Blocks, Floats], None]] = MappingProxyType(
    {
        "Q4_0": simple.q4_0,
        "Q4_1": simple.q4_1,
        "Q5_0": simple.q5_0,
        "Q5_1": simple.q5_1,
        "Q8_0": simple.q8_0,
        "Q2_K": k_quants.q2_k,
        "Q3_K": k_quants.q3_k,
        "Q4_K": k_quants.q4_k,
        "Q5_K": k_quants.q5_k,
        "Q6_K": k_quants.q6_k,
        "IQ4_NL": codebook.iq4_nl,
        "IQ4_XS": codebook.iq4_xs,
        "MXFP4": codebook.mxfp4,
        "TQ1_0": ternary.tq1_0,
        "TQ2_0": ternary.tq2_0,
        "IQ1_S": lattice.iq1_s,
        "IQ1_M": lattice.iq1_m,
        "IQ2_XXS": lattice.iq2_xxs,
        "IQ2_XS": lattice.iq2_xs,
        "IQ2_S": lattice.iq2_s,
        "IQ3_XXS": lattice.iq3_xxs,
        "IQ3_S": lattice.iq3_s,
    }
)

DEQUANTIZED = (*PLAIN, *_DECODERS)
"""The names of all block types that can be read here."""


def supported(block: BlockType, what: str) -> None:
    """Raise UnsupportedModel unless numbers of this type can be read; `what` is named in it."""
    if block.name not in DEQUANTIZED:
        raise UnsupportedModel(
            f"{what} is of block type {block.name}, which Freehold cannot open up.",
            f"It can: {', '.join(DEQUANTIZED)}.",
        )


def dequantize(
    raw: Bytes,
    block: BlockType,
    out: Floats | None = None,
    crew: Crew = ALONE,
    compiled: Mapping[str, Decoder] = NONE,
) -> Floats:
    """Return the numbers of whole blocks: rows of bytes to rows of float32.

    `raw` is C-contiguous; its last axis is a row. `out`, if given, is C-contiguous float32 of the
    same rows and is filled and returned. `compiled` has decoders that are used instead of
    NumPy's, by block type. Raises UnsupportedModel for a type it cannot read.
    """
    supported(block, "This tensor")
    if raw.shape[-1] % block.bytes:
        raise ValueError(f"rows of {raw.shape[-1]} bytes are no whole blocks of {block.bytes}")
    shape = (*raw.shape[:-1], raw.shape[-1] // block.bytes * block.elements)
    if out is None:
        out = np.empty(shape, np.float32)
    elif out.shape != shape or out.dtype != np.float32 or not out.flags.c_contiguous:
        raise ValueError(f"out must be C-contiguous float32 of shape {shape}")
    source, target = raw.reshape(-1), out.reshape(-1)
    blocks = len(source) // block.bytes
    decode = _decoder(block, source, compiled)
    step = _step(len(target), crew.threads) // block.elements

    def piece(first: int) -> None:
        last = min(first + step, blocks)
        decode(
            source[first * block.bytes : last * block.bytes],
            target[first * block.elements : last * block.elements],
        )

    crew.each(piece, range(0, blocks, step))
    return out


def _step(numbers: int, threads: int) -> int:
    """How many numbers a piece has, so that all threads get as much of them."""
    hands = max(1, min(threads, numbers // _WORTH_A_THREAD))
    rounds = max(1, -(-numbers // (hands * _PIECE)))
    return max(256, -(-numbers // (hands * rounds * 256)) * 256)


def _decoder(block: BlockType, source: Bytes, compiled: Mapping[str, Decoder]) -> Decoder:
    # Compiled code may want its numbers where their size says; a file need not have them there.
    if block.name in compiled and source.ctypes.data % 4 == 0:
        return compiled[block.name]

    def decode(raw: Bytes, out: Floats) -> None:
        # Overflow and NaN are as they are in the file, no cause for a warning.
        with np.errstate(all="ignore"):
            if block.name in PLAIN:
                PLAIN[block.name](raw, out)
            else:
                rows = out.reshape(-1, block.elements)
                _DECODERS[block.name](raw.view(LAYOUTS[block.name]), rows)

    return decode
