"""llama.cpp's own functions that read and write blocks, out of the engine's library, if faster.

Unlike all else of the engine they are called in this process. Each is a loop over bytes whose
number is known, with no state and nothing to go wrong in; and each is tried against NumPy's results
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
from freehold.formats.blocks.quantize import Encoder, empty_rows
from freehold.formats.blocks.trial import agrees, writes_alike
from freehold.formats.gguf_types import BLOCK_TYPES, BlockType

FASTER = (
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
    "IQ4_NL", "IQ4_XS", "MXFP4", "IQ1_S", "IQ1_M", "TQ1_0", "TQ2_0", "F16", "BF16",
)  # fmt: skip
"""Than NumPy on the cores of `benchmarks/dequantize_rate.py`, if not always on one of them: they
never wait for Python's lock. NumPy's numbers for IQ2 and IQ3 come three times as fast as theirs."""


_PLAIN = {"F16": "ggml_cpu_fp16_to_fp32", "BF16": "ggml_cpu_bf16_to_fp32"}
"""What reads these has a name of another kind."""

FASTER_TO_WRITE = (
    "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0", "Q2_K", "Q3_K", "Q4_K", "Q5_K", "Q6_K",
)  # fmt: skip
"""The same, by `benchmarks/quantize_rate.py`. NumPy writes the IQ4 types five times as fast."""


@cache
def compiled_decoders() -> Mapping[str, Decoder]:
    """Functions by block type; those that could be found and did as NumPy does."""
    library = _library()
    found = {name: _decoder(library, name) for name in FASTER} if library else {}
    return MappingProxyType(
        {name: decode for name, decode in found.items() if decode and agrees(name, decode)}
    )


@cache
def compiled_encoders() -> Mapping[str, Encoder]:
    """The same for writing: what `quantize` may use instead of NumPy."""
    library = _library()
    if library is None or not hasattr(library, "ggml_quantize_chunk"):
        return MappingProxyType({})
    blocks = {block.name: block for block in BLOCK_TYPES.values()}
    found = {name: _encoder(library, blocks[name]) for name in FASTER_TO_WRITE}
    return MappingProxyType(
        {name: encode for name, encode in found.items() if writes_alike(name, encode)}
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
    named = f"dequantize_row_{name.lower().replace('_k', '_K')}"
    function = getattr(library, _PLAIN.get(name, named), None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function.restype = None

    def decode(raw: Bytes, out: Floats) -> None:
        function(raw.ctypes.data, out.ctypes.data, out.size)

    return decode


def _encoder(library: ctypes.CDLL, block: BlockType) -> Encoder:
    function = library.ggml_quantize_chunk
    number, pointer = ctypes.c_int64, ctypes.c_void_p
    function.argtypes = [ctypes.c_int, pointer, pointer, number, number, number, pointer]
    function.restype = ctypes.c_size_t

    def encode(numbers: Floats, importance: Floats | None) -> Bytes:
        rows, width = numbers.shape
        room = empty_rows(rows, width, block)
        given = None if importance is None else importance.ctypes.data
        function(block.id, numbers.ctypes.data, room.ctypes.data, 0, rows, width, given)
        return room

    return encode
