"""Adapters: written and read again; refused with the reason when they are none or do not fit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.modifying import random_lora, write_random_lora
from tests.studying import SMALL, Make, synthetic

from freehold.errors import FormatError, UnsupportedModel, UsageError
from freehold.formats.beside import BesideKind, read_beside
from freehold.formats.gguf import read_header
from freehold.formats.lora import read_fitting, read_lora, write_lora


def test_what_is_written_is_read_again(tmp_path: Path, small_model: Path) -> None:
    lora = replace(random_lora(small_model, sha256="ab" * 32), base_name="Small")
    path = tmp_path / "lora.gguf"
    with path.open("wb") as file:
        size = write_lora(file, lora)
    assert path.stat().st_size == size
    read = read_lora(path)
    assert (read.architecture, read.alpha, read.base_sha256) == ("llama", 8.0, "ab" * 32)
    assert read.base_name == "Small"
    assert set(read.pairs) == set(lora.pairs)
    for name, pair in lora.pairs.items():
        np.testing.assert_array_equal(read.pairs[name].a, pair.a)
        np.testing.assert_array_equal(read.pairs[name].b, pair.b)
    assert read.strength("blk.0.attn_q.weight", 0.5) == 0.5 * 8.0 / 4


def test_its_header_says_what_it_is(tmp_path: Path, small_model: Path) -> None:
    path = write_random_lora(tmp_path / "lora.gguf", small_model, sha256="cd" * 32)
    beside = read_beside(read_header(path))
    assert beside is not None
    assert (beside.kind, beside.rank, beside.changed) == (BesideKind.ADAPTER, 4, 14)
    assert beside.base_sha256 == "cd" * 32
    assert read_beside(read_header(small_model)) is None


def test_one_without_its_other_half_is_named(make: Make) -> None:
    said = {"general.type": "adapter", "adapter.type": "lora", "adapter.lora.alpha": 1.0}
    path = make(said, tensors=[("blk.0.attn_q.weight.lora_a", (4, 2), "F32", bytes(32))])
    with pytest.raises(FormatError, match=r"blk\.0\.attn_q\.weight\.lora_b is missing"):
        read_lora(path)


def test_a_model_is_no_adapter(small_model: Path) -> None:
    with pytest.raises(FormatError, match="is no adapter: its header says 'model'"):
        read_lora(small_model)


def test_another_kind_of_adapter_is_refused(make: Make) -> None:
    path = make({"general.type": "adapter", "adapter.type": "prefix"})
    with pytest.raises(UnsupportedModel, match="a kind that Freehold does not know"):
        read_lora(path)


def test_numbers_that_are_none_are_found(tmp_path: Path, small_model: Path) -> None:
    lora = random_lora(small_model)
    lora.pairs["blk.1.ffn_up.weight"].b[3, 1] = np.nan
    path = tmp_path / "lora.gguf"
    with path.open("wb") as file:
        write_lora(file, lora)
    with pytest.raises(FormatError, match=r"no numbers, for 'blk\.1\.ffn_up\.weight'"):
        read_lora(path)


def test_one_for_another_model_does_not_fit(tmp_path: Path, small_model: Path) -> None:
    path = write_random_lora(tmp_path / "lora.gguf", small_model)
    wider = synthetic(tmp_path / "wider.gguf", replace(SMALL, feed_forward_width=256))
    with pytest.raises(UsageError, match=r"it changes blk\.0\.ffn_down\.weight"):
        read_fitting(path, read_header(wider), "wider")
    shallow = synthetic(tmp_path / "shallow.gguf", replace(SMALL, layers=1))
    with pytest.raises(UsageError, match="shallow has no such matrix"):
        read_fitting(path, read_header(shallow), "shallow")
    other = synthetic(tmp_path / "other.gguf", replace(SMALL, family="qwen2"))
    with pytest.raises(UsageError, match="for a model of the kind llama, and other is qwen2"):
        read_fitting(path, read_header(other), "other")
