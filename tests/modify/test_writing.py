"""Writing a model: each expert by its own importance, and memory given back on the way."""

from __future__ import annotations

import shutil
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.studying import SMALL, synthetic

from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.gguf_write import entries_of
from freehold.formats.tensor_data import TensorData
from freehold.modify.mixes import mixed
from freehold.modify.numbers import AsItIs
from freehold.modify.writing import Target, size_of, write_model

MATRIX = "blk.1.ffn_down_exps.weight"


def test_every_expert_has_an_importance_of_its_own(tmp_path: Path) -> None:
    shape = replace(SMALL, family="qwen3moe", experts=3, experts_used=2)
    importance = np.random.default_rng(2).random((3, 128)).astype(np.float32)
    path, block = tmp_path / "new.gguf", TYPES_BY_NAME["Q4_1"]
    with TensorData.open(synthetic(tmp_path / "old.gguf", shape, "F16")) as old:
        entries, target = entries_of(old.header), mixed(old.header, "Q4_1", weighed=True)
        with path.open("wb") as file:
            size = write_model(
                file, AsItIs(old), old, entries, target, importance={MATRIX: importance}
            )
        assert size == size_of(old.header, entries, target) == path.stat().st_size
        experts = old.array(MATRIX)
    with TensorData.open(path) as new:
        made = new.raw(MATRIX).reshape(3, 64, -1)
    for numbers, counts, raw in zip(experts, importance, made, strict=True):
        np.testing.assert_array_equal(raw, quantize(numbers, block, counts))


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says what of a map is in memory")
def test_a_model_is_never_mapped_whole(tmp_path: Path, smollm2: Path) -> None:
    own = Path(shutil.copyfile(smollm2, tmp_path / "own.gguf"))
    with TensorData.open(own) as old, (tmp_path / "new.gguf").open("wb") as file:
        old.raw("token_embd.weight").sum()
        assert _in_memory(own) > old.info("token_embd.weight").size
        write_model(file, AsItIs(old), old, entries_of(old.header), Target())
        assert _in_memory(own) < own.stat().st_size / 8  # neighbours come along with a page
    assert own.read_bytes()[-1000:] == (tmp_path / "new.gguf").read_bytes()[-1000:]


def _in_memory(path: Path) -> int:
    """Bytes of a file's map that take memory now."""
    maps = Path("/proc/self/smaps").read_text().split(str(path))[1:]
    return 1024 * sum(int(each.split("Rss:")[1].split()[0]) for each in maps)
