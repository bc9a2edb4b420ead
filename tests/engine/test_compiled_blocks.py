"""The engine's own decoders: only those that are there and do as NumPy does."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from freehold.engine.compiled_blocks import FASTER, compiled_decoders
from freehold.formats.blocks.dequantize import dequantize
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


def test_without_a_library_there_are_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.engine.compiled_blocks.find_spec", lambda name: None)
    compiled_decoders.cache_clear()
    try:
        assert not compiled_decoders()
    finally:
        compiled_decoders.cache_clear()
