"""PEFT's folders: their names, their order of rows, their ways to scale, both ways."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tests.modifying import random_lora
from tests.studying import SMALL, safetensors, synthetic

from freehold.errors import FormatError, StorageError, UnsupportedModel
from freehold.formats.gguf import read_header
from freehold.formats.peft import CONFIG, TENSORS, peft_files, read_peft
from freehold.formats.peft_names import our_name, to_our_rows, to_their_rows
from freehold.formats.safetensors import read_safetensors


@pytest.fixture
def folder(tmp_path: Path, small_model: Path) -> Path:
    """A whole folder, as PEFT would write it."""
    made = tmp_path / "peft"
    made.mkdir()
    lora = random_lora(small_model)
    for name, data in peft_files(lora, read_header(small_model)).items():
        (made / name).write_bytes(data)
    return made


def change(folder: Path, **values: Any) -> None:
    config = json.loads((folder / CONFIG).read_text())
    (folder / CONFIG).write_text(json.dumps(config | values))


def test_there_and_back(folder: Path, small_model: Path) -> None:
    lora, read = random_lora(small_model), read_peft(folder, read_header(small_model))
    assert set(read.pairs) == set(lora.pairs)
    for name, pair in lora.pairs.items():
        np.testing.assert_array_equal(read.pairs[name].a, pair.a)
        np.testing.assert_array_equal(read.pairs[name].b, pair.b)
        assert read.strength(name) == lora.strength(name) == 2.0


def test_numbers_of_two_bytes_are_read(folder: Path, small_model: Path) -> None:
    """As most adapters have them; what an F64 says is not read."""
    a, b = np.full((4, 64), 0.75, np.float32), np.full((64, 4), -1.5, np.float32)
    halves = (a.astype("<f2").tobytes(), (b.view(np.uint32) >> 16).astype("<u2").tobytes())
    name = "base_model.model.model.layers.0.self_attn.o_proj.lora_{}.weight"
    tensors = {
        name.format("A"): ("F16", a.shape, halves[0]),
        name.format("B"): ("BF16", b.shape, halves[1]),
    }
    (folder / TENSORS).write_bytes(safetensors(tensors))
    pair = read_peft(folder, read_header(small_model)).pairs["blk.0.attn_output.weight"]
    np.testing.assert_array_equal(pair.a, a)
    np.testing.assert_array_equal(pair.b, b)
    tensors[name.format("A")] = ("F64", a.shape, a.astype("<f8").tobytes())
    (folder / TENSORS).write_bytes(safetensors(tensors))
    with pytest.raises(UnsupportedModel, match="of type F64"):
        read_peft(folder, read_header(small_model))


def test_the_names_are_pefts(folder: Path) -> None:
    names = {tensor.name for tensor in read_safetensors(folder / TENSORS).tensors}
    assert "base_model.model.model.layers.1.self_attn.q_proj.lora_A.weight" in names
    assert "base_model.model.model.layers.0.mlp.down_proj.lora_B.weight" in names
    config = json.loads((folder / CONFIG).read_text())
    assert config["target_modules"] == [
        "down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj",
    ]  # fmt: skip
    assert (config["r"], config["lora_alpha"]) == (4, 8.0)


def test_rows_of_queries_and_keys_move_as_rotary_positions_need(small_model: Path) -> None:
    header = read_header(small_model)  # 4 heads of queries, 2 of keys, 16 wide
    for part, heads in (("attn_q", 4), ("attn_k", 2)):
        theirs = np.arange(heads * 16 * 3, dtype=np.float32).reshape(heads * 16, 3)
        ours = to_our_rows(theirs, f"blk.0.{part}.weight", header)
        for head in range(heads):
            for pair in range(8):
                for half in range(2):
                    row = 16 * head + 2 * pair + half
                    np.testing.assert_array_equal(ours[row], theirs[16 * head + 8 * half + pair])
        back = to_their_rows(ours, f"blk.0.{part}.weight", header)
        np.testing.assert_array_equal(back, theirs)
    same = to_our_rows(theirs, "blk.0.attn_v.weight", header)
    np.testing.assert_array_equal(same, theirs)


def test_families_that_turn_halves_keep_their_rows(tmp_path: Path) -> None:
    from dataclasses import replace

    header = read_header(synthetic(tmp_path / "q.gguf", replace(SMALL, family="qwen2")))
    theirs = np.arange(64 * 3, dtype=np.float32).reshape(64, 3)
    np.testing.assert_array_equal(to_our_rows(theirs, "blk.0.attn_q.weight", header), theirs)


def test_scales_by_the_root_and_by_patterns(folder: Path, small_model: Path) -> None:
    header, plain = read_header(small_model), random_lora(small_model)
    change(folder, use_rslora=True)
    for name, pair in read_peft(folder, header).pairs.items():
        wanted = plain.pairs[name].b * (8 / math.sqrt(4)) / 2.0
        np.testing.assert_allclose(pair.b, wanted, rtol=1e-6)
    change(folder, use_rslora=False, alpha_pattern={"layers.1.mlp.up_proj": 24})
    read = read_peft(folder, header)
    for name, pair in read.pairs.items():
        times = 3.0 if name == "blk.1.ffn_up.weight" else 1.0
        np.testing.assert_allclose(pair.b, times * plain.pairs[name].b, rtol=1e-6)


def test_a_path_of_whoever_made_it_is_not_kept(folder: Path, small_model: Path) -> None:
    change(folder, base_model_name_or_path="/home/somebody/models/base")
    assert read_peft(folder, read_header(small_model)).base_name is None
    change(folder, base_model_name_or_path="org/base")
    assert read_peft(folder, read_header(small_model)).base_name == "org/base"


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"use_dora": True}, "uses use_dora"),
        ({"modules_to_save": ["lm_head"]}, "uses modules_to_save"),
        ({"peft_type": "PROMPT_TUNING"}, "of the kind PROMPT_TUNING"),
    ],
)
def test_what_a_gguf_cannot_say_is_refused(
    folder: Path, small_model: Path, values: dict[str, Any], reason: str
) -> None:
    change(folder, **values)
    with pytest.raises(UnsupportedModel, match=reason):
        read_peft(folder, read_header(small_model))


def test_bad_folders(folder: Path, small_model: Path, tmp_path: Path) -> None:
    header = read_header(small_model)
    change(folder, r=0)
    with pytest.raises(FormatError, match="no sound `r` and `lora_alpha`"):
        read_peft(folder, header)
    (folder / CONFIG).write_text("{")
    with pytest.raises(FormatError):
        read_peft(folder, header)
    with pytest.raises(StorageError, match=r"adapter_config\.json cannot be read"):
        read_peft(tmp_path / "nowhere", header)


def test_an_unknown_part_is_named() -> None:
    with pytest.raises(UnsupportedModel, match="embed_tokens"):
        our_name("base_model.model.model.embed_tokens.lora_embedding_A")
    assert our_name("base_model.model.lm_head.lora_B.default.weight") == ("output.weight", "B")
