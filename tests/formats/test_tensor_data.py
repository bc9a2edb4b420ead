"""Tensors of real files and of small ones: the numbers, the views, and what is refused."""

from __future__ import annotations

import os
import struct
from pathlib import Path
from typing import Any

import gguf
import numpy as np
import pytest
from tests.formats.conftest import build_gguf
from tests.studying import cut, synthetic

from freehold.errors import FormatError, StorageError, UnsupportedModel
from freehold.formats.tensor_data import TensorData


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A matrix of float32 (3 rows of 4), a number by itself, three matrices in one, and a Q1_0."""
    path = tmp_path / "tiny.gguf"
    tensors = [
        ("matrix", (4, 3), 0, None),
        ("number", (), 0, None),
        ("experts", (32, 2, 3), 8, None),
        ("odd", (128, 1), 41, None),
    ]
    whole = bytearray(build_gguf(tensors=tensors))
    with TensorData.open(_written(path, whole)) as data:
        at = data.header.by_name
    for name in ("matrix", "number"):
        tensor = at[name]
        values = np.arange(tensor.elements, dtype="<f4").tobytes()
        whole[tensor.offset : tensor.offset + tensor.size] = values
    return _written(path, whole)


def _written(path: Path, data: bytes | bytearray) -> Path:
    path.write_bytes(data)
    return path


def test_real_tensors_are_the_reference_s(smollm2: Path, smollm2_reference: Any) -> None:
    theirs = {tensor.name: tensor for tensor in smollm2_reference.tensors}
    with TensorData.open(smollm2, threads=2) as data:
        for name in ("blk.0.attn_q.weight", "blk.3.ffn_down.weight", "output_norm.weight"):
            expected = gguf.dequantize(theirs[name].data, theirs[name].tensor_type)
            np.testing.assert_array_equal(data.array(name), expected)
        name = "token_embd.weight"
        some = gguf.dequantize(theirs[name].data[100:140], theirs[name].tensor_type)
        np.testing.assert_array_equal(data.rows(name, 100, 140), some)


def test_shapes_are_ggml_s_reversed(tiny: Path) -> None:
    with TensorData.open(tiny) as data:
        assert data.array("matrix").tolist() == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9, 10, 11]]
        assert data.array("number").shape == ()
        assert data.array("experts").shape == (3, 2, 32)
        assert data.raw("experts").shape == (6, 34)
        assert data.rows("matrix", 1, 2).tolist() == [[4, 5, 6, 7]]
        assert data.rows("matrix", 3).shape == (0, 4)
        out = np.empty((2, 4), np.float32)
        assert data.rows("matrix", 1, out=out) is out
        assert out.tolist() == [[4, 5, 6, 7], [8, 9, 10, 11]]


def test_views_outlive_the_file_and_cannot_change_it(tiny: Path) -> None:
    data = TensorData.open(tiny)
    view = data.raw("matrix")
    data.close()
    data.close()
    assert view.view("<f4")[2].tolist() == [8, 9, 10, 11]
    with pytest.raises(ValueError, match="read-only"):
        view[0, 0] = 1
    with pytest.raises(ValueError, match="closed"):
        data.raw("matrix")


def test_names_and_types_that_are_not_there(tiny: Path) -> None:
    with TensorData.open(tiny) as data:
        assert "matrix" in data
        assert "matrik" not in data
        with pytest.raises(FormatError, match="has no tensor 'matrik'"):
            data.array("matrik")
        with pytest.raises(UnsupportedModel, match=r"Tensor 'odd' of .*tiny\.gguf is of"):
            data.array("odd")


def test_a_file_cut_short(tiny: Path) -> None:
    size = tiny.stat().st_size
    with TensorData.open(tiny) as data:
        os.truncate(tiny, data.info("experts").offset + 10)
        assert data.array("matrix").shape == (3, 4)
        with pytest.raises(FormatError, match=r"was cut to \d+ bytes while .*'experts'"):
            data.array("experts")
    os.truncate(tiny, size - 100)
    with pytest.raises(FormatError, match="ends too early"):
        TensorData.open(tiny)


def test_a_big_endian_file(tmp_path: Path) -> None:
    path = _written(tmp_path / "big.gguf", build_gguf(tensors=[("a", (4,), 0, None)], order=">"))
    with pytest.raises(FormatError, match="big-endian"):
        TensorData.open(path)
    assert struct.unpack(">I", path.read_bytes()[4:8]) == (3,)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        TensorData.open(tmp_path / "none.gguf")


def test_a_split_model_is_read_as_one(tmp_path: Path) -> None:
    whole = synthetic(tmp_path / "whole.gguf")
    parts = cut(whole, 3)
    with TensorData.open(whole) as one, TensorData.open_parts(parts, threads=2) as several:
        assert several.header.tensors != one.header.tensors  # offsets are in the parts
        assert list(several.header.by_name) == list(one.header.by_name)
        assert several.header.metadata.keys() == one.header.metadata.keys()
        for name in one.header.by_name:
            np.testing.assert_array_equal(several.raw(name), one.raw(name))
        last = several.header.tensors[-1].name
        os.truncate(parts[2], parts[2].stat().st_size - 64)
        with pytest.raises(FormatError, match=r"00003-of-00003\.gguf was cut"):
            several.array(last)


def test_parts_that_do_not_belong_together(tmp_path: Path) -> None:
    first, second, _ = cut(synthetic(tmp_path / "whole.gguf"), 3)
    with pytest.raises(FormatError, match="is one of 3 parts; 2 are here"):
        TensorData.open_parts([first, second])
    with pytest.raises(StorageError):
        TensorData.open_parts([first, second, tmp_path / "none.gguf"])
