"""The tables, held against the `gguf` package's and against the engine's own."""

from __future__ import annotations

import ctypes
import importlib.util
from pathlib import Path

import pytest

from freehold.formats.gguf_types import (
    BLOCK_TYPES,
    FILE_TYPES,
    REMOVED_BLOCK_TYPES,
    SCALAR_CODES,
    ValueType,
    file_type_number,
)


def test_value_types_agree_with_the_gguf_package() -> None:
    from gguf import GGUFValueType

    assert {kind.name: int(kind) for kind in ValueType} == {
        kind.name: int(kind) for kind in GGUFValueType
    }


def test_every_scalar_type_has_a_code() -> None:
    assert set(ValueType) - set(SCALAR_CODES) == {ValueType.STRING, ValueType.ARRAY}


def test_block_types_agree_with_the_gguf_package() -> None:
    from gguf import GGML_QUANT_SIZES, GGMLQuantizationType

    theirs = {
        int(kind): (kind.name, *GGML_QUANT_SIZES[kind])
        for kind in GGMLQuantizationType
        if kind.name != "Q8_1"  # the package still counts its two numbers as single precision
    }
    ours = {block.id: (block.name, block.elements, block.bytes) for block in BLOCK_TYPES.values()}
    assert theirs.items() <= ours.items()
    assert not set(theirs) & REMOVED_BLOCK_TYPES


def _engine() -> ctypes.CDLL:
    spec = importlib.util.find_spec("xllamacpp")
    if spec is None or spec.origin is None:
        pytest.skip("xllamacpp is not installed")
    libraries = [
        path
        for path in Path(spec.origin).parent.iterdir()
        if path.suffix in {".so", ".pyd", ".dylib"}
    ]
    for library in libraries:
        loaded = ctypes.CDLL(str(library))
        if hasattr(loaded, "ggml_type_size") and hasattr(loaded, "ggml_blck_size"):
            loaded.ggml_type_size.restype = ctypes.c_size_t
            loaded.ggml_blck_size.restype = ctypes.c_int64
            loaded.ggml_type_name.restype = ctypes.c_char_p
            return loaded
    pytest.skip("the engine does not export its table here")


def test_block_types_agree_with_the_engine() -> None:
    engine = _engine()
    for number, block in BLOCK_TYPES.items():
        assert engine.ggml_type_name(number).decode().upper() == block.name
        assert engine.ggml_blck_size(number) == block.elements, block.name
        assert engine.ggml_type_size(number) == block.bytes, block.name
    for number in REMOVED_BLOCK_TYPES:
        assert engine.ggml_type_size(number) == 0


def test_file_types_agree_with_the_gguf_package() -> None:
    from gguf import LlamaFileType

    theirs = {
        int(kind): kind.name.removeprefix("MOSTLY_").removeprefix("ALL_")
        for kind in LlamaFileType
        if kind.name != "GUESSED"
    }
    assert theirs.items() <= FILE_TYPES.items()


def test_bits_per_weight_count_the_scales() -> None:
    assert BLOCK_TYPES[2].bits_per_weight == 4.5
    assert BLOCK_TYPES[0].bits_per_weight == 32


def test_a_block_type_for_all_has_the_number_of_its_small_recipe() -> None:
    assert (file_type_number("Q4_K_M"), file_type_number("Q4_K"), file_type_number("F32")) == (
        15, 14, 0,
    )  # fmt: skip
    assert file_type_number("I32") is None
