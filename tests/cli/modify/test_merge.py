"""Merging as a person does it: what is made, what it says of itself, what is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.modifying import write_random_lora
from tests.studying import SMALL, synthetic

from freehold.formats.gguf import read_header
from freehold.formats.tensor_data import TensorData
from freehold.transformer.transformer import Transformer


@pytest.fixture
def owned(say: Say, tmp_path: Path) -> Path:
    """A home that owns `noise` (Q4_1), and the file of an adapter for it."""
    path = synthetic(tmp_path / "noise.gguf", SMALL, "Q4_1")
    assert say("get", path).code == 0
    return write_random_lora(tmp_path / "lora.gguf", path, size=0.02, alpha=4)


def test_an_adapter_becomes_part_of_the_weights(say: Say, owned: Path, tmp_path: Path) -> None:
    made = say(
        "modify", "merge", "noise", "--adapter", f"{owned}:0.5", "--to", "F16", "--name", "whole",
        "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    measured = made.json["measured"]
    assert 10 * measured["kl"] < measured["kl_of_the_change"]
    assert measured["worse"] is False
    assert made.json["parents"][0]["relation"] == "merged"
    whole, noise = path_of(say, "whole"), path_of(say, "noise")
    ids = [5, 9, 40, 7]
    with Transformer.open(noise, adapters=[(owned, 0.5)]) as exact, Transformer.open(whole) as ours:
        np.testing.assert_allclose(ours.trace(ids).logits, exact.trace(ids).logits, atol=0.02)
    recipe = json.loads(str(read_header(whole).metadata["freehold.recipe"]))
    assert recipe["operation"] == "merge adapters"
    assert [each["name"] for each in recipe["parents"]] == ["noise", "lora"]
    assert str(tmp_path).encode() not in whole.read_bytes()
    assert say("run", "whole", "--prompt", "one", "--max-tokens", "2").code == 0


def test_rounding_back_into_few_bits_is_called_worse(say: Say, owned: Path) -> None:
    """The trap: what is finer than the grid is lost when it is rounded into the same grid."""
    made = say("modify", "merge", "noise", "--adapter", owned, "--name", "trapped")
    assert made.code == 0, made.err
    assert made.out.startswith("WORSE than it should be")
    types = {tensor.type.name for tensor in read_header(path_of(say, "trapped")).tensors}
    assert types == {"Q4_1", "F32"}
    fine = say("modify", "merge", "noise", "--adapter", owned, "--to", "Q8_0", "--name", "fine")
    assert fine.out.startswith("Close to the exact result.")


def test_a_quality_that_is_not_met_leaves_nothing(say: Say, owned: Path) -> None:
    refused = say(
        "modify", "merge", "noise", "--adapter", owned, "--max-kl", "0.000001", "--name", "strict"
    )
    assert refused.code == 2
    assert "more than the 1e-06 allowed: nothing was kept" in refused.err
    assert [model["name"] for model in say("list", "--json").json] == ["noise"]
    assert "nothing is left over" in say("gc", "--dry-run").err.lower()


def test_what_is_not_changed_is_copied(say: Say, tmp_path: Path) -> None:
    path = synthetic(tmp_path / "noise.gguf", SMALL, "Q4_1")
    lora = write_random_lora(tmp_path / "lora.gguf", path, parts=("ffn_up",))
    made = say("modify", "merge", path, "--adapter", lora, "--name", "partly", "--unmeasured")
    assert made.code == 0, made.err
    assert "not measured" in made.out
    with TensorData.open(path) as old, TensorData.open(path_of(say, "partly")) as new:
        for tensor in old.header.tensors:
            same = np.array_equal(old.raw(tensor.name), new.raw(tensor.name))
            assert same == (not tensor.name.endswith("ffn_up.weight"))


def test_models_become_one_by_a_file(say: Say, tmp_path: Path) -> None:
    shape = replace(SMALL, varied=True)
    for seed, name in enumerate(("base", "one", "other")):
        path = synthetic(tmp_path / f"{name}.gguf", shape, "F16", seed=seed)
        assert say("get", path).code == 0
    config = tmp_path / "merge.yaml"
    config.write_text(
        "merge_method: ties\nbase_model: base\nmodels:\n"
        "  - model: one\n    parameters:\n      weight: 1\n      density: 0.5\n"
        "  - model: other\nparameters:\n  density: 0.4\ndtype: float32\n"
    )
    made = say("modify", "merge", "--config", config, "--name", "both", "--json")
    assert made.code == 0, made.err
    assert made.json["measured"]["kl"] < 1e-6
    assert [parent["name"] for parent in made.json["parents"]] == ["one", "other", "base"]
    mean = say("modify", "merge", "one:3", "other:1", "--name", "mean", "--unmeasured")
    assert mean.code == 0, mean.err
    with (
        TensorData.open(path_of(say, "one")) as one,
        TensorData.open(path_of(say, "other")) as other,
        TensorData.open(path_of(say, "mean")) as new,
    ):
        name = "blk.0.ffn_up.weight"
        wanted = 0.75 * one.array(name) + 0.25 * other.array(name)
        np.testing.assert_allclose(new.array(name), wanted, atol=1e-4)


def test_what_cannot_be_is_refused(say: Say, owned: Path, tmp_path: Path) -> None:
    def refused(*words: str | Path) -> str:
        said = say("modify", "merge", *words)
        assert said.code not in (0, 3), said.err
        return said.err

    assert "cannot write the block type Q9" in refused("noise", "--adapter", owned, "--to", "Q9")
    assert "one MODEL" in refused("noise", "other", "--adapter", owned)
    assert "needs two models" in refused("noise")
    assert "is no adapter" in refused("noise", "--adapter", "noise")
    assert "--unmeasured leaves out" in refused("noise", "--unmeasured", "--max-kl", "1")
    assert "You own a model called noise already" in refused(
        "noise", "--adapter", owned, "--name", "noise"
    )
    bad = tmp_path / "bad.yaml"
    bad.write_text("merge_method: [")
    assert "bad.yaml, line 1" in refused("--config", bad)
    assert "cannot be read" in refused("--config", tmp_path / "no.yaml")
