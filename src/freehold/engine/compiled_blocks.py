"""llama.cpp's own functions that unpack blocks, out of the engine's library, where they are faster.

Unlike all else of the engine they are called in this process. Each is a loop over bytes whose
number is known, with no state and nothing to go wrong in; and each is tried against NumPy's numbers
before it is used. Where the library keeps its functions to itself, there are simply none: whoever
asked goes on with NumPy. docs/adr/0009-blocks-by-numpy.md has the figures.
"""

from __future__ import annotations

import ctypes
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from types import MappingProxyType

from freehold.formats.blocks.dequantize import Decoder
from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.blocks.trial import agrees

FASTER = (
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
    "IQ4_NL", "IQ4_XS", "MXFP4", "IQ1_S", "IQ1_M", "TQ1_0", "TQ2_0",
)  # fmt: skip
"""Than NumPy on the cores of `benchmarks/dequantize_rate.py`, if not always on one of them: they
never wait for Python's lock. NumPy's numbers for IQ2 and IQ3 come three times as fast as theirs."""


@cache
def compiled_decoders() -> Mapping[str, Decoder]:
    """Functions by block type; those that could be found and did as NumPy does."""
    library = _library()
    found = {name: _decoder(library, name) for name in FASTER} if library else {}
    return MappingProxyType(
        {name: decode for name, decode in found.items() if decode and agrees(name, decode)}
    )


def _library() -> ctypes.CDLL | None:
    spec = find_spec("xllamacpp")
    if spec is None or spec.origin is None:
        return None
    for path in sorted(Path(spec.origin).parent.glob("xllamacpp*.so")):
        try:
            return ctypes.CDLL(str(path))
        except OSError:
            return None  # of another processor, or with something missing: the engine will say it
    return None


def _decoder(library: ctypes.CDLL, name: str) -> Decoder | None:
    function = getattr(library, f"dequantize_row_{name.lower().replace('_k', '_K')}", None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function.restype = None

    def decode(raw: Bytes, out: Floats) -> None:
        function(raw.ctypes.data, out.ctypes.data, out.size)

    return decode
