"""A report: what got worse is said first, what is missing is named, a card tells nothing local."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.modifying import write_random_vector
from tests.studying import synthetic

from freehold.cli.main import run
from freehold.formats.gguf_synthetic import SyntheticModel

PAIRS = [{"prompt": f"count {n}", "completion": f"{n} {n + 1} {n + 2}"} for n in range(60)]
QUICK = ("--windows", "2", "--rounds", "1", "--tasks")
TASK = """\
task: letters
dataset_path: letters.jsonl
output_type: multiple_choice
doc_to_text: q
doc_to_choice: c
doc_to_target: a
"""


@pytest.fixture
def task(tmp_path: Path) -> Path:
    """Six questions with two choices each."""
    rows = [{"q": f"letter {n}", "c": ["a", "b"], "a": n % 2} for n in range(6)]
    (tmp_path / "letters.jsonl").write_text("\n".join(map(json.dumps, rows)))
    (tmp_path / "letters.yaml").write_text(TASK)
    return tmp_path / "letters.yaml"


@pytest.fixture(scope="module")
def taught_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store with a model of random numbers, `noise`, and an adapter for it, `counting`."""
    folder = tmp_path_factory.mktemp("taught")
    (folder / "pairs.jsonl").write_text("\n".join(map(json.dumps, PAIRS)))
    noise = synthetic(folder / "noise.gguf")
    words = ["--name", "counting", "--rank", "2", "--rate", "0.01", "--seed", "3", "--steps", "30"]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("FREEHOLD_HOME", str(folder / "home"))
        assert run(["get", str(noise)]) == 0
        data = ["--data", str(folder / "pairs.jsonl")]
        assert run(["modify", "train", "noise", *data, *words]) == 0
    return folder


@pytest.fixture
def taught(taught_home: Path, home: Path) -> Path:
    """A copy of that store, to be changed; where the data is that the adapter was made of."""
    shutil.copytree(taught_home / "home", home)
    return taught_home / "pairs.jsonl"


def test_what_was_taught_is_held_against_what_was_there(
    say: Say, taught: Path, task: Path, tmp_path: Path
) -> None:
    card = tmp_path / "README.md"
    said = say(
        "modify", "report", "counting", "--data", taught, *QUICK, task, "--card", card, "--json"
    )
    assert said.code == 0, said.err
    found = said.json
    assert found["made_from"]["name"] == "noise"
    held_out = found["held_out"]
    assert held_out["n"] == 6
    assert "6 of 60 examples that training held out" in held_out["what"]
    # What training itself said of the very examples, by another way of computing.
    recipe = found["recipe_options"]
    assert held_out["loss_before"] == pytest.approx(recipe["held_out_loss_before"], abs=2e-3)
    assert held_out["loss_after"] == pytest.approx(recipe["held_out_loss_after"], abs=2e-3)
    assert held_out["difference"]["high"] < 0
    assert "It got better on what was held out." in found["verdict"]
    assert found["unrelated"]["kl_mean"] > 0
    assert found["tasks"][0]["before"]["of"] == 6
    assert found["size_bytes"]["after"] > found["size_bytes"]["before"]
    assert found["speeds"]["before"]["write"]["median"] > 0
    assert [each["expected"] is None for each in found["answers"]] == [False] * 3
    text = card.read_text()
    assert text.startswith('---\nbase_model: "noise"\nbase_model_relation: adapter\n')
    assert re.search(r'^datasets: \["sha256:[0-9a-f]{64}"\]$', text, flags=re.MULTILINE)
    assert "should say: " in text
    assert str(tmp_path) not in text
    assert "It quotes held-out examples" in said.err


def test_what_got_worse_is_the_first_line(say: Say, taught: Path, task: Path) -> None:
    """An adapter the other way about."""
    said = say("modify", "report", "counting:-1", "--data", taught, *QUICK, task)
    assert said.code == 0, said.err
    first, *rest = said.out.splitlines()
    assert first == "It got worse on what was held out."
    assert "noise -> noise with counting (train), at a scale of -1" in rest
    loss = next(line for line in rest if line.startswith("held out: loss, nats a token (n = 6)"))
    assert re.search(r" \+\d+\.\d{3} each \(", loss)
    assert any(line.startswith("should say  ") for line in rest)
    told = say("modify", "report", "counting:-1", "--data", taught, *QUICK, task, "--json").json
    assert told["verdict"][0] == first
    assert told["got_worse"] is True


def test_a_vector_pushes_what_is_measured_and_what_is_missing_is_said(
    say: Say, taught: Path, task: Path, tmp_path: Path
) -> None:
    vector = write_random_vector(tmp_path / "push.gguf", taught.parent / "noise.gguf", size=2.0)
    assert say("get", vector).code == 0
    card = tmp_path / "card.md"
    told = say(
        "modify", "report", "push", "--against", "noise", *QUICK, task, "--json", "--card", card,
        "--samples", "1",
    )  # fmt: skip
    found = told.json
    assert found["kind"] == "control vector"
    assert found["scale"] == 0.5
    assert found["unrelated"]["kl_mean"] > 0.01
    assert found["answers"][0]["asked"] == "What is the capital of France?"
    assert found["answers"][0]["before"] != found["answers"][0]["after"]
    assert found["missing"][0].startswith("No held-out examples: `--held-out FILE`")
    assert "no held-out figure" in card.read_text()
    assert "It quotes" not in told.err


def test_a_merged_model_is_held_against_its_parent_and_tested_as_its_adapter_was(
    say: Say, taught: Path, task: Path
) -> None:
    assert say(
        "modify", "merge", "noise", "--adapter", "counting", "--to", "Q8_0", "--name", "both",
        "--unmeasured",
    ).code == 0  # fmt: skip
    found = say("modify", "report", "both", "--data", taught, *QUICK, task, "--json").json
    assert found["made_from"]["name"] == "noise"
    assert found["operation"] == "merge adapters"
    assert found["held_out"]["n"] == 6
    assert found["held_out"]["loss_after"] < found["held_out"]["loss_before"]
    scaled = say("modify", "report", "both:0.5")
    assert scaled.code == 2
    assert "no scale" in scaled.err


def test_what_cannot_be_is_said(say: Say, taught: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(PAIRS[0]))
    shape = SyntheticModel("llama", 2, 32, 64, 4, 2, 8, vocabulary=600, context_length=128)
    assert say("get", synthetic(tmp_path / "narrow.gguf", shape)).code == 0
    for words, reason in (
        (("noise",), "Nothing says what noise was made from"),
        (("noise", "--against", "noise"), "the same file"),
        (("counting", "--data", other), "is not what it was trained on"),
        (("counting", "--held-out", taught, "--data", taught), "was learned"),
        (("counting", "--tasks", "nothing"), "cannot be read"),
        (("counting", "--against", "narrow"), "does not fit"),
        (("counting:-1:2",), "You own no model called"),
    ):
        said = say("modify", "report", *words)
        assert said.code not in (0, 3)
        assert reason in said.err


def test_a_parent_that_is_gone_is_named(say: Say, taught: Path) -> None:
    assert say("remove", "noise", "--yes").code == 0
    said = say("modify", "report", "counting", "--data", taught)
    assert said.code != 0
    assert "made from noise (sha256 " in said.err
    assert "--against FILE.gguf" in said.err
