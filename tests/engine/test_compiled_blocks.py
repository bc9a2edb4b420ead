"""The engine's own decoders: only those that are there and do as NumPy does."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from freehold.engine.compiled_blocks import (
    FASTER,
    FASTER_TO_WRITE,
    compiled_decoders,
    compiled_encoders,
)
from freehold.formats.blocks.crew import Crew
from freehold.formats.blocks.dequantize import dequantize
from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf_types import BLOCK_TYPES


def test_they_do_as_numpy_does() -> None:
    decoders = compiled_decoders()
    if sys.platform == "linux":
        assert set(decoders) == set(FASTER)
    dice = np.random.default_rng(1)
    for block in BLOCK_TYPES.values():
        if block.name in decoders:
            raw = dice.integers(0, 0x3C, (5, 4 * block.bytes), dtype=np.uint8)
            quick = dequantize(raw, block, compiled=decoders)
            np.testing.assert_array_equal(quick, dequantize(raw, block))


def test_they_write_as_numpy_does() -> None:
    encoders = compiled_encoders()
    if sys.platform == "linux":
        assert set(encoders) == set(FASTER_TO_WRITE)
    rows = np.random.default_rng(2).standard_normal((513, 512)).astype(np.float32)
    weights = np.arange(1024, dtype=np.float32)[::2]
    for block in BLOCK_TYPES.values():
        if block.name in encoders:
            with Crew(2) as crew:
                quick = quantize(rows, block, weights, crew, encoders)
            np.testing.assert_array_equal(quick, quantize(rows, block, weights))


def test_without_a_library_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.engine.compiled_blocks.find_spec", lambda name: None)
    found = (compiled_decoders, compiled_encoders)
    for function in found:
        function.cache_clear()
    try:
        assert not any(function() for function in found)
    finally:
        for function in found:
            function.cache_clear()
