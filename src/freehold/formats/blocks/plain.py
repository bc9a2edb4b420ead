"""Tensors of plain numbers: float32, the two sixteen-bit formats, whole numbers, float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from freehold.formats.blocks.layout import Bytes, Floats

_INFINITE = 0x7C00
"""Half precision's bits for infinity; those of NaN are above it."""
_WIDER = np.float32(2.0**112)
"""Half precision counts its exponent from 15, single precision from 127."""


def _cast(kind: str) -> Callable[[Bytes, Floats], None]:
    def decode(raw: Bytes, out: Floats) -> None:
        out[...] = raw.view(kind)

    return decode


def f16(raw: Bytes, out: Floats) -> None:
    """Move the bits to their places, then let one product set the exponent right.

    Exact for every finite number, the smallest too. Infinities and NaN, which no healthy model
    has, are left to NumPy's own conversion, a tenth as fast.
    """
    signed, unsigned = raw.view("<i2"), raw.view("<u2")
    if len(raw) and (signed.max() >= _INFINITE or unsigned.max() >= 0x8000 + _INFINITE):
        out[...] = raw.view("<f2")
        return
    bits = out.view(np.int32)
    bits[...] = signed  # its sign fills the upper half
    bits <<= np.int32(13)
    bits &= np.int32(~0x7000_0000)
    out *= _WIDER


def bf16(raw: Bytes, out: Floats) -> None:
    """The upper half of a float32."""
    bits = out.view(np.uint32)
    bits[...] = raw.view("<u2")
    bits <<= np.uint32(16)


PLAIN: Mapping[str, Callable[[Bytes, Floats], None]] = MappingProxyType(
    {
        "F32": _cast("<f4"),
        "F16": f16,
        "BF16": bf16,
        "F64": _cast("<f8"),
        "I8": _cast("i1"),
        "I16": _cast("<i2"),
        "I32": _cast("<i4"),
        "I64": _cast("<i8"),
    }
)
"""Each takes a piece's bytes and fills as many numbers. What float32 cannot hold is rounded."""
