"""llama.cpp's own code for blocks, inside the engine's library where that shows it (on Linux).

Run as a program (`python -m tests.formats.blocks.engine_quantizer`) it writes `quantized.json`
anew: the hashes of what it makes of known numbers, for machines where it cannot be called.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import json
from collections.abc import Callable
from functools import cache
from pathlib import Path

import numpy as np

from freehold.formats.blocks.layout import Bytes, Floats
from freehold.formats.blocks.quantize import QUANTIZED
from freehold.formats.gguf_types import TYPES_BY_NAME, BlockType

TYPES = TYPES_BY_NAME
RECORD = Path(__file__).with_name("quantized.json")

Quantize = Callable[[Floats, BlockType, Floats | None], Bytes]
Dequantize = Callable[[Bytes, Floats], None]


@cache
def _library() -> ctypes.CDLL | None:
    found = importlib.util.find_spec("xllamacpp")
    assert found is not None
    assert found.origin is not None
    for path in Path(found.origin).parent.glob("xllamacpp.*so"):
        library = ctypes.CDLL(str(path))
        if hasattr(library, "ggml_quantize_chunk"):
            return library
    return None


def engine_dequantizer(block: BlockType) -> Dequantize | None:
    """Its function for that type, or None where the library keeps it to itself."""
    name = f"dequantize_row_{block.name.lower().replace('_k', '_K')}"
    function = getattr(_library(), name, None)
    if function is None:
        return None
    function.argtypes = [ctypes.c_void_p, ctypes.c_void_p, ctypes.c_int64]
    function.restype = None

    def dequantize(raw: Bytes, out: Floats) -> None:
        function(raw.ctypes.data, out.ctypes.data, out.size)

    return dequantize


def engine_quantizer() -> Quantize | None:
    """Its function, or None where the library keeps it to itself."""
    library = _library()
    if library is None:
        return None
    chunk = library.ggml_quantize_chunk
    number, pointer = ctypes.c_int64, ctypes.c_void_p
    chunk.argtypes = [ctypes.c_int, pointer, pointer, number, number, number, pointer]
    chunk.restype = ctypes.c_size_t

    def quantize(numbers: Floats, block: BlockType, importance: Floats | None) -> Bytes:
        rows, width = numbers.shape
        out = np.empty((rows, width // block.elements * block.bytes), np.uint8)
        given = None if importance is None else importance.ctypes.data
        size = chunk(block.id, numbers.ctypes.data, out.ctypes.data, 0, rows, width, given)
        assert size == out.nbytes
        return out

    return quantize


def numbers(rows: int = 48, width: int = 512) -> Floats:
    """Numbers of all kinds: spread like weights, nearly all zero, all alike, tiny, huge, whole.

    Only whole random numbers and exact products go in, so they are the same everywhere.
    """
    dice = np.random.default_rng(7)
    whole = dice.integers(-128, 129, (4, rows, width)).sum(axis=0).astype(np.float32)
    made: Floats = whole * np.float32(2.0**-12)
    made[::5] *= dice.integers(0, 2, (len(made[::5]), width)).astype(np.float32)
    made[2:12:5] = np.abs(made[2:12:5])
    for row, factor in enumerate((0, -0.0, 1e-16, 1e-6, 1e4, 1024)):
        made[row + 16] *= np.float32(factor)
    made[22], made[23] = 0.25, -0.25
    made[24, : width // 2] = 0
    made[25] = np.rint(made[25] * 16)
    return made


def importance(width: int = 512) -> Floats:
    """What each column counts for."""
    return np.random.default_rng(8).integers(1, 999, width).astype(np.float32) / np.float32(512)


def digest(quantize: Quantize, name: str, *, weighted: bool) -> str:
    """The hash of what `quantize` makes of the known numbers."""
    made = quantize(numbers(), TYPES[name], importance() if weighted else None)
    return hashlib.sha256(made.tobytes()).hexdigest()


def _record() -> None:
    quantize = engine_quantizer()
    assert quantize is not None, "this engine's library does not show its quantizer"
    hashes = {
        name: [digest(quantize, name, weighted=weighted) for weighted in (False, True)]
        for name in QUANTIZED
    }
    RECORD.write_text(json.dumps(hashes, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    _record()
