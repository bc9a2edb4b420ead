"""Other metadata: the tensors stay to the byte, the engine loads the file, nonsense is refused."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.modifying import write_random_vector

from freehold.engine.interface import Message
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.engine.load_plan import LoadPlan
from freehold.formats.gguf import read_header
from freehold.formats.tensor_data import TensorData


def test_another_name_and_entries(say: Say, noise: Path) -> None:
    made = say(
        "modify", "edit", "noise", "--name", "Mine", "--set", "general.license=mit", "--set",
        "llama.context_length=64", "--set", "my.note=two words", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.json["name"] == "mine"
    assert made.json["licence"]["spdx"] == "MIT"
    assert made.json["parents"][0]["relation"] == "edited"
    new = read_header(path_of(say, "mine"))
    assert new.metadata["general.name"] == "Mine"
    assert new.metadata["llama.context_length"] == 64
    assert (
        new.value_types["llama.context_length"]
        == read_header(noise).value_types["llama.context_length"]
    )
    with TensorData.open(noise) as old, TensorData.open(path_of(say, "mine")) as data:
        for tensor in old.header.tensors:
            np.testing.assert_array_equal(data.raw(tensor.name), old.raw(tensor.name))
    again = say("modify", "edit", "mine", "--remove", "my.note", "--name", "bare")
    assert again.code == 0, again.err
    assert "my.note" not in read_header(path_of(say, "bare")).metadata


def test_a_template_and_a_system_prompt_reach_the_engine(
    say: Say, noise: Path, tmp_path: Path
) -> None:
    template = tmp_path / "chat.jinja"
    template.write_text("{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}")
    made = say(
        "modify", "edit", "noise", "--template", template, "--system", 'Say "yes".\nAlways.',
        "--name", "polite",
    )  # fmt: skip
    assert made.code == 0, made.err
    with LlamaCppEngine().load(LoadPlan(path_of(say, "polite"), 64)) as model:
        assert model.render((Message("user", "Well?"),)) == (
            '[system] Say "yes".\nAlways.\n[user] Well?\n'
        )
        own = (Message("system", "Mine."), Message("user", "Well?"))
        assert model.render(own) == "[system] Mine.\n[user] Well?\n"


def test_a_path_left_in_the_metadata_is_taken_out(say: Say, noise: Path) -> None:
    leaky = "general.base_model.0.repo_url"
    made = say("modify", "edit", noise, "--set", f"{leaky}=/home/me/base", "--name", "leaky")
    assert made.code == 0, made.err
    assert say("modify", "edit", "leaky", "--name", "tight").code == 0
    assert leaky not in read_header(path_of(say, "tight")).metadata


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "nothing to change"),
        (("--set", "nonsense"), "says no KEY=VALUE"),
        (("--set", "general.architecture=gpt2"), "general.architecture cannot be changed"),
        (("--remove", "tokenizer.ggml.tokens"), "tokenizer.ggml.tokens cannot be changed"),
        (("--remove", "no.such"), "has no entry 'no.such' to remove"),
        (("--set", "llama.context_length=many"), "is of type uint32, and 'many' is not"),
        (("--set", "llama.block_count=9"), "would no longer load"),
        (("--remove", "llama.attention.head_count"), "would no longer load"),
        (("--system", "{% if 1 %}"), "which a template would run"),
    ],
)
def test_what_cannot_be_is_refused(
    say: Say, noise: Path, words: tuple[str, ...], reason: str
) -> None:
    said = say("modify", "edit", "noise", *words)
    assert said.code not in (0, 3), said.err
    assert reason in said.err
    assert [model["name"] for model in say("list", "--json").json] == ["noise"]


def test_an_adapter_is_edited_too(say: Say, noise: Path, tmp_path: Path) -> None:
    push = write_random_vector(tmp_path / "push.gguf", noise)
    made = say("modify", "edit", push, "--name", "shove", "--unchecked")
    assert made.code == 0, made.err
    assert "a new control vector" in made.out
