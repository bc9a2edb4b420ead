"""What is written is llama.cpp's own, byte for byte: with importance, without, of odd numbers."""

from __future__ import annotations

import json
from pathlib import Path

import gguf
import numpy as np
import pytest
from tests.formats.blocks.engine_quantizer import (
    RECORD,
    TYPES,
    digest,
    engine_quantizer,
    importance,
)

from freehold.errors import FormatError, UnsupportedModel
from freehold.formats.blocks.crew import Crew
from freehold.formats.blocks.dequantize import dequantize
from freehold.formats.blocks.quantize import QUANTIZED, quantize
from freehold.formats.tensor_data import TensorData


@pytest.mark.parametrize("weighted", [False, True], ids=["plain", "weighted"])
@pytest.mark.parametrize("name", QUANTIZED)
def test_as_the_reference_did(name: str, weighted: bool) -> None:
    recorded = json.loads(RECORD.read_text(encoding="utf-8"))
    assert digest(quantize, name, weighted=weighted) == recorded[name][weighted]


@pytest.mark.parametrize("name", QUANTIZED[1:])
def test_as_this_engine_does_with_real_weights(name: str, smollm2: Path) -> None:
    engine = engine_quantizer()
    if engine is None:
        pytest.skip("this engine's library does not show its quantizer")
    block = TYPES[name]
    with TensorData.open(smollm2) as data:
        rows = data.rows("blk.7.ffn_down.weight", 0, 16)
    weights = importance(rows.shape[1])
    for given in (None, weights):
        np.testing.assert_array_equal(quantize(rows, block, given), engine(rows, block, given))


@pytest.mark.parametrize("name", ["F16", "BF16", "Q4_0", "Q4_1", "Q5_0", "Q5_1", "Q8_0"])
def test_as_the_gguf_package_does(name: str) -> None:
    rows = np.random.default_rng(3).standard_normal((32, 512)).astype(np.float32)
    theirs = gguf.quantize(rows, gguf.GGMLQuantizationType[name]).view(np.uint8)
    np.testing.assert_array_equal(quantize(rows, TYPES[name]), theirs)


@pytest.mark.parametrize("name", QUANTIZED)
def test_back_again_is_near(name: str) -> None:
    """Whatever the bytes: they read as the numbers they were made of, as near as bits allow."""
    rows = np.random.default_rng(4).standard_normal((16, 512)).astype(np.float32)
    block = TYPES[name]
    back = dequantize(quantize(rows, block), block)
    error = float(np.sqrt(np.mean((back - rows) ** 2)))
    assert error <= 1.3 * 2.0 ** (1 - min(block.bits_per_weight, 9))


def test_importance_helps_where_it_is_high() -> None:
    rows = np.random.default_rng(5).standard_normal((64, 512)).astype(np.float32)
    weights = np.ones(512, np.float32)
    weights[::8] = 100
    for name in ("Q2_K", "Q3_K", "Q4_K", "Q4_0", "IQ4_XS"):
        block = TYPES[name]
        errors = [
            np.square(dequantize(quantize(rows, block, given), block) - rows)[:, ::8].mean()
            for given in (None, weights)
        ]
        assert errors[1] < 0.95 * errors[0], name


def test_several_threads_and_dimensions_change_nothing() -> None:
    rows = np.random.default_rng(6).standard_normal((6, 128, 256)).astype(np.float32)
    with Crew(2) as crew:
        made = quantize(rows, TYPES["Q4_K"], None, crew)
    assert made.shape == (6, 128, 144)
    np.testing.assert_array_equal(made[3], quantize(rows[3], TYPES["Q4_K"]))


def test_what_is_refused() -> None:
    rows = np.zeros((2, 256), np.float32)
    with pytest.raises(UnsupportedModel, match="cannot write numbers of block type IQ1_S"):
        quantize(rows, TYPES["IQ1_S"])
    with pytest.raises(ValueError, match="rows of 255 are no multiple of 32"):
        quantize(rows[:, :255], TYPES["Q8_0"])
    with pytest.raises(ValueError, match=r"importance must be of shape \(256,\)"):
        quantize(rows, TYPES["Q4_K"], np.ones(3, np.float32))
    rows[1, 7] = np.nan
    for name in QUANTIZED:
        with pytest.raises(FormatError, match="no numbers"):
            quantize(rows, TYPES[name])
