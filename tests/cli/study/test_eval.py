"""`freehold study eval` as a person uses it."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.conftest import Say

TASK = """\
task: vowels
dataset_path: data.jsonl
output_type: multiple_choice
doc_to_text: "Next: {{q}}"
doc_to_choice: ["a", "e"]
doc_to_target: right
target_delimiter: ""
"""


@pytest.fixture
def task(tmp_path: Path) -> Path:
    rows = [{"q": letter, "right": at % 2} for at, letter in enumerate("bcdf")]
    (tmp_path / "data.jsonl").write_text("\n".join(map(json.dumps, rows)))
    path = tmp_path / "vowels.yaml"
    path.write_text(TASK)
    return path


def test_a_table_with_intervals_and_the_prompt(say: Say, small_model: Path, task: Path) -> None:
    said = say("study", "eval", small_model, task, "--items")
    assert said.code == 0
    row = said.out.splitlines()[1].split()
    assert row[:4] == ["vowels", "4", "0", "acc"]
    assert "50.0%" in row  # guessing between two
    assert "was asked as plain text, without a chat template" in said.out
    assert "  | Next: b" in said.out
    assert said.out.count("✓") + said.out.count("✗") == 4


def test_a_second_run_knows_the_first(say: Say, small_model: Path, task: Path) -> None:
    first = say("study", "eval", small_model, task, "--limit", "2", "--json").json
    again = say("study", "eval", small_model, task, "--json")
    assert "vowels: 2 of 4 known from earlier" in again.err
    assert again.json[0]["items"][:2] == first[0]["items"]
    assert "known" not in say("study", "eval", small_model, task, "--fresh", "--json").err


def test_json_states_how_it_was_asked(say: Say, small_model: Path, task: Path) -> None:
    words = ("--shots", "1", "--chat", "--limit", "1", "--json")
    (told,) = say("study", "eval", small_model, task, *words).json
    assert told["shots"] == 1
    assert told["chat_template"] is True
    assert told["first_prompt"] == "Next: ce\n\nNext: b\n"
    assert told["acc"]["interval"] == "Wilson, 95%"
    assert len(told["items"][0]["log_probabilities"]) == 2


def test_scores_are_drawn(say: Say, small_model: Path, task: Path, tmp_path: Path) -> None:
    path = tmp_path / "scores.svg"
    assert say("study", "eval", small_model, task, "--svg", path).code == 0
    assert ET.fromstring(path.read_text()).tag.endswith("svg")
    assert "acc_norm" in path.read_text()


def test_what_comes_with_freehold_is_listed(say: Say) -> None:
    assert "everyday" in say("study", "eval", "--list").out
    assert {each["task"] for each in say("study", "eval", "--list", "--json").json} == {
        "everyday",
        "arithmetic",
    }


def test_a_fault_in_the_last_task_shows_before_the_first_is_scored(
    say: Say, small_model: Path, task: Path, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.yaml"
    bad.write_text(TASK.replace("{{q}}", "{{nothing}}"))
    said = say("study", "eval", small_model, task, bad)
    assert said.code == 2
    assert (
        "data.jsonl, line 1: doc_to_text cannot be filled: there is no field 'nothing'" in said.err
    )
    assert said.out == ""


@pytest.mark.parametrize("words", [[], ["model"], ["model", "no-such-task"]])
def test_a_model_and_a_task_are_needed(say: Say, words: list[str]) -> None:
    said = say("study", "eval", *words)
    assert said.code == 2
    assert "--list" in said.err
