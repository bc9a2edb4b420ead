"""Tensors of plain numbers: float32, the two sixteen-bit formats, whole numbers, float64."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from types import MappingProxyType

import numpy as np

from freehold.formats.blocks.half import widen
from freehold.formats.blocks.layout import Bytes, Floats


def _cast(kind: str) -> Callable[[Bytes, Floats], None]:
    def decode(raw: Bytes, out: Floats) -> None:
        out[...] = raw.view(kind)

    return decode


def f16(raw: Bytes, out: Floats) -> None:
    """Half precision."""
    widen(raw.view("<f2"), out)


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
