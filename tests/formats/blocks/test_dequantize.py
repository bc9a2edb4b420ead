"""Every block type is decoded to the very numbers of the `gguf` package, from any bytes."""

from __future__ import annotations

import gguf
import numpy as np
import pytest
from tests.formats.blocks.engine_quantizer import TYPES, engine_dequantizer

from freehold.errors import UnsupportedModel
from freehold.formats.blocks.crew import Crew
from freehold.formats.blocks.dequantize import DEQUANTIZED, dequantize
from freehold.formats.blocks.layout import LAYOUTS, Bytes
from freehold.formats.gguf_types import BlockType

QUANTIZED = [name for name in DEQUANTIZED if name in gguf.GGMLQuantizationType.__members__]


def _random(block: BlockType, rows: int, blocks: int = 8) -> Bytes:
    dice = np.random.default_rng(block.id)
    return dice.integers(0, 256, (rows, blocks * block.bytes), dtype=np.uint8)


def _reference(raw: Bytes, block: BlockType) -> np.ndarray:
    if block.name in {"F64", "I8", "I16", "I32", "I64"}:
        kind = {"F64": "<f8", "I8": "i1", "I16": "<i2", "I32": "<i4", "I64": "<i8"}[block.name]
        return raw.view(kind).astype(np.float32)
    return gguf.dequantize(raw, gguf.GGMLQuantizationType[block.name])


def _same(ours: np.ndarray, theirs: np.ndarray) -> None:
    """Bit for bit, the sign of zero too; NaN for NaN, of whatever payload."""
    assert ours.dtype == np.float32
    assert ours.shape == theirs.shape
    numbers = ~np.isnan(theirs)
    np.testing.assert_array_equal(np.isnan(ours), ~numbers)
    np.testing.assert_array_equal(ours.view(np.uint32)[numbers], theirs.view(np.uint32)[numbers])


@pytest.mark.parametrize("name", DEQUANTIZED)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # NumPy's, about the reference's own sums
def test_random_bytes(name: str) -> None:
    """Bytes of any kind: scales among them are subnormal, infinite and NaN."""
    block = TYPES[name]
    raw = _random(block, 257)
    _same(dequantize(raw, block), _reference(raw, block))


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_as_this_engine_does(name: str) -> None:
    block = TYPES[name]
    engine = engine_dequantizer(block)
    if engine is None:
        pytest.skip("this engine's library does not show its functions")
    raw = _random(block, 32)
    theirs = np.empty((32, 8 * block.elements), np.float32)
    engine(raw, theirs)
    _same(dequantize(raw, block), theirs)


@pytest.mark.parametrize("name", sorted(LAYOUTS))
def test_layouts_are_as_long_as_their_blocks(name: str) -> None:
    assert LAYOUTS[name].itemsize == TYPES[name].bytes


def test_all_half_precision_numbers() -> None:
    every = np.arange(65_536, dtype=np.uint16)
    finite = every[(every & 0x7C00) != 0x7C00]
    for chosen in (every, finite):  # with infinities and without they go two ways
        ours = dequantize(chosen.view(np.uint8), TYPES["F16"])
        _same(ours, chosen.view(np.float16).astype(np.float32))


def test_several_threads_and_a_given_output_change_nothing() -> None:
    block = TYPES["Q4_K"]
    raw = _random(block, 512, 16) & np.uint8(0x3F)  # all scales finite
    alone = dequantize(raw, block)
    out = np.full_like(alone, np.nan)
    with Crew(3) as crew:
        assert dequantize(raw, block, out, crew) is out
        _same(out, alone)
        crew.close()  # and used again
        _same(dequantize(raw, block, None, crew), alone)


def test_an_output_of_another_shape_is_refused() -> None:
    raw = _random(TYPES["Q8_0"], 2)
    for out in (np.empty((2, 255), np.float32), np.empty((2, 512), np.float32)[:, ::2]):
        with pytest.raises(ValueError, match="C-contiguous float32 of shape"):
            dequantize(raw, TYPES["Q8_0"], out)


def test_rows_that_are_no_whole_blocks_are_refused() -> None:
    with pytest.raises(ValueError, match="rows of 35 bytes are no whole blocks of 34"):
        dequantize(np.zeros((2, 35), np.uint8), TYPES["Q8_0"])


def test_a_type_that_cannot_be_read_is_named() -> None:
    with pytest.raises(UnsupportedModel, match="block type Q1_0") as caught:
        dequantize(np.zeros((1, 18), np.uint8), TYPES["Q1_0"])
    assert "Q4_K" in str(caught.value.hint)


def test_no_rows_are_no_numbers() -> None:
    for name in DEQUANTIZED:
        block = TYPES[name]
        assert dequantize(np.empty((0, 2 * block.bytes), np.uint8), block).size == 0


def test_an_error_in_one_thread_is_raised() -> None:
    def work(piece: int) -> None:
        if piece == 7:
            raise ZeroDivisionError

    with Crew(2) as crew, pytest.raises(ZeroDivisionError):
        crew.each(work, range(20))


def test_compiled_decoders_are_used_where_bytes_lie_well() -> None:
    block = TYPES["Q8_0"]
    whole = np.zeros(3 * block.bytes * 2 + 2, np.uint8)
    compiled = {"Q8_0": lambda raw, out: out.fill(len(raw))}
    even = whole[:-2].reshape(2, -1)
    assert (dequantize(even, block, compiled=compiled) == len(whole) - 2).all()
    assert not dequantize(whole[2:].reshape(2, -1), block, compiled=compiled).any()
    assert not dequantize(even[:, :36].copy(), TYPES["Q4_0"], compiled=compiled).any()
