"""Quantizing as a person does it: what is made, what it cost, what is refused."""

from __future__ import annotations

import json
import struct
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.studying import SMALL, gguf, synthetic

from freehold.formats.blocks.quantize import quantize
from freehold.formats.gguf import read_header
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.tensor_data import TensorData

MATRIX = "blk.0.ffn_up.weight"


@pytest.fixture
def fine(say: Say, tmp_path: Path) -> Path:
    """A home that owns `fine`, F16, and its file."""
    path = synthetic(tmp_path / "fine.gguf", replace(SMALL, varied=True), "F16")
    assert say("get", path).code == 0
    return path


def nothing_left(say: Say) -> bool:
    """Whether `fine` is all there is, and no file half made."""
    names = [model["name"] for model in say("list", "--json").json]
    return names == ["fine"] and "nothing is left over" in say("gc", "--dry-run").err.lower()


def test_a_model_gets_fewer_bits_and_a_report(say: Say, fine: Path, tmp_path: Path) -> None:
    made = say("modify", "quantize", "fine", "--to", "q4_k_m", "--windows", "1", "--json")
    assert made.code == 0, made.err
    assert made.json["name"] == "fine-q4-k-m"
    assert made.json["quantization"] == "Q4_K_M"
    assert made.json["quantized_before"] is None
    measured = made.json["measured"]
    (cost,) = measured["quality"]["files"]
    assert cost["type"] == "Q4_K_M"
    assert 0 < measured["kl"] == cost["kl_mean"]
    parent = made.json["parents"][0]
    assert (parent["relation"], parent["name"]) == ("quantized", "fine")
    path = path_of(say, "fine-q4-k-m")
    with TensorData.open(fine) as old, TensorData.open(path) as new:
        # rows of 64: llama.cpp's mixture falls back
        assert new.info(MATRIX).type.name == "Q5_0"
        wanted = quantize(old.rows(MATRIX), TYPES_BY_NAME["Q5_0"])
        assert np.array_equal(new.raw(MATRIX), wanted)
        assert np.array_equal(new.raw("output_norm.weight"), old.raw("output_norm.weight"))
    recipe = json.loads(str(read_header(path).metadata["freehold.recipe"]))
    assert recipe["operation"] == "quantize"
    assert recipe["options"]["to"] == "Q4_K_M"
    assert str(tmp_path).encode() not in path.read_bytes()
    assert path.stat().st_size < fine.stat().st_size
    assert say("run", "fine-q4-k-m", "--prompt", "one", "--max-tokens", "2").code == 0


def test_the_verdict_comes_first_and_what_was_lost_before(say: Say, fine: Path) -> None:
    first = say("modify", "quantize", "fine", "--to", "Q8_0", "--name", "eight", "--windows", "1")
    assert first.code == 0, first.err
    assert first.out.startswith("Q8_0 costs this model no more than is usual")
    assert "quantized before" not in first.out
    assert "MEAN KL" in first.out
    again = say("modify", "quantize", "eight", "--to", "Q2_K", "--windows", "1")
    assert "It was quantized before, to Q8_0" in again.out


def test_importance_makes_what_counts_exact(say: Say, fine: Path, tmp_path: Path) -> None:
    text = tmp_path / "letters.txt"
    text.write_text("one two three four five six seven eight nine ten " * 40)
    kls = []
    for more in ((), ("--importance", text)):
        made = say(
            "modify", "quantize", "fine", "--to", "Q4_0", "--name", f"q{len(more)}",
            "--windows", "1", "--file", text, "--json", *more,
        )  # fmt: skip
        assert made.code == 0, made.err
        kls.append(made.json["measured"]["kl"])
    assert kls[1] < kls[0]
    assert made.json["importance"].endswith("tokens of a text")
    recipe = json.loads(str(read_header(path_of(say, "q2")).metadata["freehold.recipe"]))
    assert len(recipe["data_sha256"]) == 64


def test_llama_cpps_importance_file_is_read(say: Say, fine: Path, tmp_path: Path) -> None:
    importance = np.random.default_rng(1).random(64).astype(np.float32)
    matrix = tmp_path / "imatrix.gguf"
    matrix.write_bytes(
        gguf(
            {"general.type": "imatrix"},
            [
                (f"{MATRIX}.in_sum2", (64, 1), "F32", (importance * 8).tobytes()),
                (f"{MATRIX}.counts", (1, 1), "F32", struct.pack("<f", 8)),
            ],
        )
    )
    made = say(
        "modify", "quantize", "fine", "--to", "Q4_1", "--importance", matrix, "--name", "weighed",
        "--unmeasured",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.out.startswith("Not measured")
    with TensorData.open(fine) as old, TensorData.open(path_of(say, "weighed")) as new:
        block = TYPES_BY_NAME["Q4_1"]
        wanted = quantize(old.rows(MATRIX), block, importance)
        assert np.array_equal(new.raw(MATRIX), wanted)
        assert not np.array_equal(wanted, quantize(old.rows(MATRIX), block))


def test_a_size_chooses_the_type(say: Say, fine: Path) -> None:
    size = read_header(fine).file_size
    made = say(
        "modify", "quantize", "fine", "--target-size", str(size * 2 // 3), "--windows", "1",
        "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    files = made.json["measured"]["quality"]["files"]
    assert len(files) == 2
    assert all(each["size"] <= size * 2 // 3 for each in files)
    assert made.json["quantization"] == files[0]["type"]
    assert path_of(say, made.json["name"]).stat().st_size == files[0]["size"]
    assert len(say("list", "--json").json) == 2


def test_a_quality_chooses_the_type(say: Say, fine: Path) -> None:
    made = say("modify", "quantize", "fine", "--max-kl", "0.01", "--windows", "1", "--json")
    assert made.code == 0, made.err
    measured = made.json["measured"]
    assert measured["kl"] <= 0.01
    smaller = [
        each
        for each in measured["quality"]["files"]
        if each["size"] < path_of(say, made.json["name"]).stat().st_size
    ]
    assert smaller
    assert all(each["kl_mean"] > 0.01 for each in smaller)


def test_what_cannot_be_met_leaves_nothing(say: Say, fine: Path) -> None:
    def refused(*words: str) -> str:
        said = say("modify", "quantize", "fine", *words, "--windows", "1")
        assert said.code == 2, said.err
        assert nothing_left(say)
        return said.err

    assert "Nothing was kept" in refused("--max-kl", "0.0000001")
    assert "the smallest, IQ4_XS" in refused("--target-size", "1kB")
    assert "it fits already" in refused("--target-size", "1GB")
    assert "nothing was kept" in refused("--to", "Q2_K", "--max-kl", "0.0000001")


def test_a_family_that_cannot_be_opened_up_is_quantized_unmeasured(
    say: Say, tmp_path: Path
) -> None:
    shape = replace(SMALL, family="qwen3moe", experts=4, experts_used=2)
    path = synthetic(tmp_path / "many.gguf", shape, "F16")
    refused = say("modify", "quantize", path, "--to", "Q8_0")
    assert "qwen3moe" in refused.err
    assert "--unmeasured" in refused.err
    made = say("modify", "quantize", path, "--to", "Q8_0", "--unmeasured")
    assert made.code == 0, made.err
    types = {each.name: each.type.name for each in read_header(path_of(say, "many-q8-0")).tensors}
    assert types["blk.0.ffn_up_exps.weight"] == "Q8_0"
    assert types["blk.0.ffn_gate_inp.weight"] == "F32"


def test_what_cannot_be_is_refused(say: Say, fine: Path, tmp_path: Path) -> None:
    def refused(*words: str | Path) -> str:
        said = say("modify", "quantize", *words)
        assert said.code not in (0, 3), said.err
        return said.err

    assert "Did you mean Q4_K_M" in refused("fine", "--to", "Q4_KM")
    assert "Say what to make" in refused("fine")
    assert "fine is F16 already" in refused("fine", "--to", "F16")
    assert "Give one of them" in refused("fine", "--to", "Q8_0", "--target-size", "1MB")
    assert "--unmeasured leaves out" in refused("fine", "--max-kl", "1", "--unmeasured")
    assert "only any good with importance" in refused("fine", "--to", "Q2_K_S")
    assert "You own a model called fine already" in refused(
        "fine", "--to", "Q8_0", "--name", "fine"
    )
    assert "but no importance matrix" in refused("fine", "--to", "Q8_0", "--importance", fine)
    assert "cannot be read" in refused("fine", "--to", "Q8_0", "--importance", tmp_path / "no.txt")
    part = tmp_path / "part.gguf"
    part.write_bytes(gguf({"split.no": 0, "split.count": 2}))
    assert "is one part of a split model" in refused(part, "--to", "Q8_0")
