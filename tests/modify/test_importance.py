"""What each column counts for, against the activations themselves, and llama.cpp's files of it."""

from __future__ import annotations

import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.studying import SMALL, gguf, synthetic

from freehold.errors import FormatError, UsageError
from freehold.formats.gguf import read_header
from freehold.modify.importance import check_importance, gather, read_imatrix
from freehold.transformer.transformer import Transformer

MATRIX = "blk.1.ffn_down.weight"


@pytest.fixture
def varied(tmp_path: Path) -> Path:
    return synthetic(tmp_path / "varied.gguf", replace(SMALL, varied=True))


def test_it_is_the_mean_square_of_what_comes_in(varied: Path) -> None:
    windows = [(3, 7, 9, 11), (4, 5)]
    with Transformer.open(varied) as model:
        found = gather(model, windows)
        traces = [model.trace(ids, keep=("layers.1.*",), logits=False) for ids in windows]
    for name, part in (
        ("attn_v", "attention.norm"),
        ("attn_output", "attention.heads"),
        ("ffn_gate", "mlp.norm"),
        ("ffn_down", "mlp.hidden"),
    ):
        rows = np.concatenate(
            [
                each.activations[f"layers.1.{part}"].reshape(len(ids), -1)
                for each, ids in zip(traces, windows, strict=True)
            ]
        )
        wanted = np.square(rows.astype(np.float64)).mean(axis=0)
        np.testing.assert_allclose(found[f"blk.1.{name}.weight"][0], wanted, rtol=1e-5)
    assert "token_embd.weight" not in found
    check_importance(found, read_header(varied), "varied")


def imatrix(path: Path, sums: list[float], counts: list[float], width: int) -> Path:
    many = len(counts)
    tensors = [
        (f"{MATRIX}.in_sum2", (width, many), "F32", struct.pack(f"<{len(sums)}f", *sums)),
        (f"{MATRIX}.counts", (1, many), "F32", struct.pack(f"<{many}f", *counts)),
    ]
    path.write_bytes(gguf({"general.type": "imatrix"}, tensors))
    return path


def test_llama_cpps_sums_become_means_expert_by_expert(tmp_path: Path) -> None:
    path = imatrix(tmp_path / "i.gguf", [2, 4, 6, 8], [2, 0], 2)
    (found,) = read_imatrix(path).values()
    np.testing.assert_array_equal(found, [[1, 2], [1, 1]])  # the second was never asked


def test_what_does_not_fit_is_refused(varied: Path, tmp_path: Path) -> None:
    header = read_header(varied)
    other = read_imatrix(imatrix(tmp_path / "i.gguf", [1, 2], [1], 2))
    with pytest.raises(UsageError, match=r"does not fit varied: for blk\.1\.ffn_down"):
        check_importance(other, header, "varied")
    with pytest.raises(UsageError, match="none of the matrices of varied"):
        check_importance({"blk.9.x.weight": np.ones((1, 2), np.float32)}, header, "varied")
    with pytest.raises(FormatError, match="no importance matrix"):
        read_imatrix(varied)
    with pytest.raises(FormatError, match="no well-formed importance"):
        read_imatrix(imatrix(tmp_path / "bad.gguf", [-1, 2], [1], 2))
