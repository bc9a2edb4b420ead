"""A checkpoint into an owned model that the engine runs, and a model into a folder, by command."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.formats.huggingface.checkpoints import recorded, write_folder
from tests.transformer.engine_truth import divergence, exact_engine, log_probabilities, log_softmax

from freehold.formats.gguf import read_header
from freehold.formats.tensor_data import TensorData


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A tiny Qwen3, with a licence in its card."""
    case = recorded()["qwen3"]
    made = write_folder(tmp_path / "Tiny Qwen", case["config"], case["tensors"])
    (made / "README.md").write_text("---\nlicense: mit\n---\n")
    return made


def test_a_checkpoint_becomes_a_model_of_yours(say: Say, folder: Path) -> None:
    made = say("modify", "convert", folder, "--json")
    assert made.code == 0, made.err
    assert made.json["name"] == "tiny-qwen"
    assert made.json["licence"]["spdx"] == "MIT"
    said = read_header(path_of(say, "tiny-qwen")).metadata
    assert str(folder.parent) not in str(dict(said))
    recipe = json.loads(str(said["freehold.recipe"]))
    assert recipe["operation"] == "convert"
    assert len(recipe["parents"][0]["sha256"]) == 64
    again = say("modify", "convert", folder)
    assert again.code == 2
    assert "You own a model called tiny-qwen already" in again.err


def test_the_engine_computes_what_transformers_did(say: Say, folder: Path) -> None:
    """The whole way: converted by command, run by the engine, beside the recorded numbers."""
    from tests.formats.huggingface.checkpoints import IDS, PLACES, SHOWN

    assert say("modify", "convert", folder, "--to", "f32", "--name", "it").code == 0
    with exact_engine(path_of(say, "it"), context=64) as engine:
        truth = log_probabilities(engine, IDS, [at + 1 for at in PLACES], 320)[:, :SHOWN]
    wanted = np.array(recorded()["qwen3"]["logits"])
    # Of the logits only differences are known: those of a few tokens, as shares of those few.
    few = log_softmax(truth.astype(np.float32))
    assert divergence(log_softmax(wanted.astype(np.float32)), few).max() < 1e-5


def test_a_model_becomes_a_folder_and_comes_back_the_same(
    say: Say, noise: Path, tmp_path: Path
) -> None:
    out = tmp_path / "checkpoint"
    made = say("modify", "convert", "noise", "--output", out)
    assert made.code == 0, made.err
    assert f"{out / 'model.safetensors'}  " in made.out
    assert say("modify", "convert", out, "--to", "gguf", "--name", "again").code == 0
    with TensorData.open(noise) as old, TensorData.open(path_of(say, "again")) as new:
        for tensor in old.header.tensors:
            np.testing.assert_array_equal(new.array(tensor.name), old.array(tensor.name))
        for key in ("tokens", "token_type", "merges", "pre", "eos_token_id"):
            key = f"tokenizer.ggml.{key}"
            assert new.header.metadata[key] == old.header.metadata[key]
        key = "tokenizer.chat_template"
        assert new.header.metadata[key] == old.header.metadata[key]


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        (("noise",), "a model is written as one"),
        (("noise", "--output", "{out}", "--name", "x"), "are for a folder that becomes a model"),
        (("noise", "--output", "{out}", "--to", "Q8_0"), "holds plain numbers, not Q8_0"),
        (("noise", "--output", "{out}", "--to", "gguf"), "it becomes safetensors"),
        (("{folder}", "--output", "{out}"), "--output is for a model"),
        (("{folder}", "--to", "IQ1_S"), "cannot write the block type IQ1_S"),
        (("{folder}", "--to", "safetensors"), "it becomes a GGUF model"),
        (("./nowhere.gguf", "--output", "{out}"), "nowhere.gguf is not there"),
        (("./nowhere", "--output", "{out}"), "nowhere"),
    ],
)
def test_what_makes_no_sense_is_refused(
    say: Say, noise: Path, folder: Path, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    places = {"{out}": str(tmp_path / "out"), "{folder}": str(folder)}
    said = say("modify", "convert", *(places.get(word, word) for word in words))
    assert said.code not in (0, 3), said.err
    assert reason in said.err
    assert not (tmp_path / "out").exists()
    assert [model["name"] for model in say("list", "--json").json] == ["noise"]


def test_nothing_is_written_over(say: Say, noise: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "mine.txt").write_text("mine")
    said = say("modify", "convert", "noise", "--output", out)
    assert said.code == 2
    assert "is there already" in said.err
    assert [path.name for path in out.iterdir()] == ["mine.txt"]
    assert not list(tmp_path.glob(".out*"))


def test_a_file_cut_short_while_it_is_read_leaves_nothing(
    say: Say, noise: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.modify import convert_back

    plan = convert_back.plan_folder

    def cut_after(*given: object) -> object:
        made = plan(*given)  # type: ignore[arg-type]
        noise.write_bytes(noise.read_bytes()[:-1000])
        return made

    monkeypatch.setattr(convert_back, "plan_folder", cut_after)
    said = say("modify", "convert", noise, "--output", tmp_path / "out")
    assert said.code == 1
    assert "became shorter while it was read" in said.err
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".out*"))
