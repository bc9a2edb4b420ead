"""Steering a real model: what is made is used by the engine, and changes what is said."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.cli.modify.conftest import path_of
from tests.studying import synthetic

from freehold.formats.control_vector import read_vector

GLAD = "I feel wonderful today!\nThis is the best day of my life!\nWhat a joy to be here!\n"
SAD = "I feel terrible today.\nThis is the worst day of my life.\nWhat a misery to be here.\n"


def test_a_push_is_made_and_used(say: Say, smollm2: Path, tmp_path: Path) -> None:
    (tmp_path / "glad.txt").write_text(GLAD)
    (tmp_path / "sad.txt").write_text(SAD)
    made = say(
        "modify", "steer", smollm2, "--toward", tmp_path / "glad.txt", "--away",
        tmp_path / "sad.txt", "--name", "glad", "--json",
    )  # fmt: skip
    assert made.code == 0, made.err
    assert made.json["facts"]["kind"] == "control vector"
    assert [each["layer"] for each in made.json["layers"]] == list(range(7, 23))
    assert all(each["told_apart"] == 1.0 for each in made.json["layers"])
    vector = read_vector(path_of(say, "glad"))
    assert vector.model_hint == "llama"
    assert "control vector for llama" in say("list").out

    assert say("get", smollm2).code == 0
    assert "made for    smollm2" in say("show", "glad").out

    def ask(*more: str) -> str:
        said = say(
            "run", "--model", "smollm2", "--prompt", "How was your day?", "--temperature", "0",
            "--max-tokens", "8", "--json", *more,
        )  # fmt: skip
        assert said.code == 0, said.err
        return str(said.json["answer"])

    plain = ask()
    assert ask("--steer", "glad:0") == plain
    assert ask("--steer", "glad:0.6") != plain


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ((), "Two kinds of text are needed"),
        (("--pairs", "{pairs}", "--toward", "{pairs}"), "Two kinds of text are needed"),
        (("--pairs", "{pairs}", "--layers", "5-9"), "Layers 5 to 9 cannot be pushed"),
        (("--pairs", "{pairs}", "--layers", "x"), "layers are said as 8-20"),
        (("--pairs", "{none}"), "cannot be read"),
        (("--pairs", "{long}"), "too many"),
    ],
)
def test_what_cannot_be_is_refused(
    say: Say, tmp_path: Path, words: tuple[str, ...], reason: str
) -> None:
    model = synthetic(tmp_path / "noise.gguf")
    pairs, long = tmp_path / "pairs.jsonl", tmp_path / "long.jsonl"
    pairs.write_text(json.dumps({"toward": "yes", "away": "no"}))
    long.write_text(json.dumps({"toward": "yes " * 200, "away": "no"}))
    paths = {"{pairs}": pairs, "{long}": long, "{none}": tmp_path / "none"}
    said = say("modify", "steer", model, "--name", "n", *(paths.get(w, w) for w in words))
    assert said.code not in (0, 3)
    assert reason in said.err
    assert say("list", "--json").json == []
