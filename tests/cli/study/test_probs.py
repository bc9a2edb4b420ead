"""`freehold study probs` as a person uses it."""

from __future__ import annotations

import io
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from tests.cli.conftest import Say


class Terminal(io.StringIO):
    """Standard output that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_table_with_what_was_likelier(say: Say, smollm2: Path) -> None:
    said = say("study", "probs", smollm2, "The capital of France is Berlin", "--top", "2")
    assert said.code == 0
    berlin = next(line for line in said.out.splitlines() if line.startswith("␣Berlin"))
    assert "␣Paris 7" in berlin
    assert "1 in " in berlin
    assert "bits a byte" in said.out.splitlines()[-1]


def test_a_terminal_gets_colour(
    say: Say, small_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    screen = Terminal()
    monkeypatch.setattr(sys, "stdout", screen)
    monkeypatch.setenv("TERM", "xterm-256color")
    say("study", "probs", small_model, "ab")
    assert "\x1b[" in screen.getvalue()
    assert "10 bits and more" in screen.getvalue()


def test_json_adds_up(say: Say, small_model: Path) -> None:
    told = say("study", "probs", small_model, "hello there", "--json").json
    first, *others = told["tokens"]
    assert first["probability"] is None
    assert told["bits"] == pytest.approx(sum(each["bits"] for each in others))
    assert len(others[0]["alternatives"]) == len(told["next"]) == 5


def test_a_picture_says_each_token(say: Say, small_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "probs.svg"
    assert say("study", "probs", small_model, "a<b", "--svg", path).code == 0
    drawn = ET.fromstring(path.read_text(encoding="utf-8"))
    titles = [each.text or "" for each in drawn.iter("{http://www.w3.org/2000/svg}title")]
    assert any(title.startswith("<: ") and "rank" in title for title in titles)


def test_a_text_beyond_the_context(say: Say, small_model: Path) -> None:
    said = say("study", "probs", small_model, "a" * 129)
    assert said.code == 8
    assert "129 tokens and the context holds 128" in said.err
    assert said.out == ""
