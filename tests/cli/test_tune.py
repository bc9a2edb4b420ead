"""`freehold tune` as a person uses it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.conftest import Run


def test_showing_and_forgetting_what_is_not_there(say: Say, two_models: tuple[str, str]) -> None:
    assert "Nothing has been tuned yet" in say("tune", "--show").err
    assert say("tune", "--show", "--json").json == []
    assert "has not been tuned" in say("tune", "alpha", "--show").err
    assert say("tune", "alpha", "--show", "--json").json is None
    assert "has not been tuned" in say("tune", "alpha", "--forget").err


def test_nothing_owned_nothing_tuned(say: Say) -> None:
    said = say("tune")
    assert said.code == 1
    assert "no model to tune" in said.err


@pytest.mark.parametrize("words", [("--minutes", "0"), ("--show", "--forget")])
def test_what_makes_no_sense_is_refused(
    say: Say, two_models: tuple[str, str], words: tuple[str, ...]
) -> None:
    assert say("tune", "alpha", *words).code == 2


def test_a_real_model_in_seconds(
    freehold: Run, owned_home: Path, home: Path, tmp_path: Path
) -> None:
    """Too short to decide anything: the defaults stay, what was left out is named, run says so."""
    shutil.copytree(owned_home, home, copy_function=shutil.copy2)
    done = freehold("tune", "--minutes", "0.01", "--json")
    assert done.returncode == 0, done.stderr
    shown = freehold("tune", "--show")
    assert "uses the defaults" not in shown.stderr
    assert "smollm2" in shown.stdout
    words = ("run", "-p", "Hello", "--max-tokens", "2", "--stats")
    assert "| tuned]" in freehold(*words).stderr
    assert "tuned" not in freehold(*words, "--untuned").stderr
    assert freehold("tune", "smollm2", "--forget").returncode == 0
    assert "tuned" not in freehold(*words).stderr
