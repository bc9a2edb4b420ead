"""An adapter from PEFT's folder into the store, into an answer, and back into a folder."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.modifying import random_lora, write_random_lora, write_random_vector

from freehold.formats.gguf import read_header
from freehold.formats.lora import read_lora
from freehold.formats.peft import peft_files


@pytest.fixture
def folder(tmp_path: Path, noise: Path) -> Path:
    """A folder of PEFT's for it."""
    made = tmp_path / "strong"
    made.mkdir()
    for name, data in peft_files(random_lora(noise, size=0.3), read_header(noise)).items():
        (made / name).write_bytes(data)
    return made


def ask(say: Say, *more: str) -> str:
    said = say("run", "noise", "one two", "--temperature", "0", "--max-tokens", "5", *more)
    assert said.code == 0, said.err
    return said.out


def test_from_a_folder_to_an_answer_and_back(
    say: Say, noise: Path, folder: Path, tmp_path: Path
) -> None:
    made = say("modify", "adapter", folder, "--for", "noise", "--name", "strong", "--json")
    assert made.code == 0, made.err
    assert made.json["facts"]["kind"] == "adapter"
    assert made.json["parents"][0]["name"] == "noise"
    assert "adapter for llama rank 4" in say("list").out
    assert "made for    noise" in say("show", "strong").out
    plain = ask(say)
    assert ask(say, "--adapter", "strong") != plain
    assert ask(say, "--adapter", "strong:0") == plain

    out = tmp_path / "back"
    back = say("modify", "adapter", "strong", "--to", "peft", "--for", "noise", "--output", out)
    assert back.code == 0, back.err
    for name in ("adapter_config.json", "adapter_model.safetensors"):
        assert str(out / name) in back.out
    assert (out / "adapter_model.safetensors").read_bytes() == (
        folder / "adapter_model.safetensors"
    ).read_bytes()


def test_nothing_of_the_disk_is_in_the_file(say: Say, folder: Path, tmp_path: Path) -> None:
    assert say("modify", "adapter", folder, "--for", "noise", "--name", "strong").code == 0
    path = path_of(say, "strong")
    assert str(tmp_path).encode() not in path.read_bytes()
    assert b"freehold.recipe" in path.read_bytes()


def test_a_gguf_adapter_is_bound_to_a_model(say: Say, noise: Path, tmp_path: Path) -> None:
    given = write_random_lora(tmp_path / "loose.gguf", noise)
    assert say("modify", "adapter", given, "--for", "noise", "--name", "bound").code == 0
    bound = read_lora(path_of(say, "bound"))
    loose = read_lora(given)
    assert bound.base_sha256 is not None
    for name, pair in loose.pairs.items():
        np.testing.assert_array_equal(bound.pairs[name].b, pair.b)


def test_what_cannot_be_is_refused(say: Say, noise: Path, folder: Path, tmp_path: Path) -> None:
    def refused(*words: str | Path) -> str:
        said = say(*words)
        assert said.code not in (0, 3), said.err
        return said.err

    assert "names a folder" not in refused("modify", "adapter", "x", "--for", "noise")
    missing = refused("modify", "adapter", tmp_path / "no.gguf", "--for", "noise")
    assert "is not there" in missing
    assert "no adapter" in refused("modify", "adapter", noise, "--for", "noise", "--name", "n")
    taken = refused("modify", "adapter", folder, "--for", "noise", "--name", "noise")
    assert "You own a model called noise already" in taken
    assert "--output FOLDER" in refused(
        "modify", "adapter", folder, "--for", "noise", "--to", "peft"
    )
    assert "You own no adapter" in refused("run", "noise", "Hi there", "--adapter", "nobody")
    assert "noise is no adapter" in refused("run", "noise", "Hi there", "--adapter", "noise")
    lora = write_random_lora(tmp_path / "one.gguf", noise)
    twice = refused("run", "noise", "Hi you", "--adapter", str(lora), "--adapter", f"{lora}:2")
    assert "named twice" in twice
    assert "at a scale of 1e+09" in refused("run", "noise", "Hi", "--adapter", f"{lora}:1e9")
    push = write_random_vector(tmp_path / "push.gguf", noise)
    assert say("get", push).code == 0
    assert "the control vector is used with it" in refused("run", "push", "Hello you")
