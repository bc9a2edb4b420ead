"""`freehold engine`: what a person reads, and what a program does."""

from __future__ import annotations

from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.conftest import Run
from tests.engine_source import write_source


@pytest.fixture(autouse=True)
def _no_llama_server(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.engine.llama_server.find_llama_server", lambda: None)


def test_the_list_names_the_bundled_engine_and_marks_it(say: Say) -> None:
    said = say("engine")
    assert said.code == 0
    assert "bundled" in said.out
    assert "yes" in said.out
    (row,) = say("engine", "list", "--json").json
    assert (row["name"], row["chosen"], row["trouble"]) == ("bundled", True, None)
    assert row["version"]


def test_build_use_run_and_remove(say: Say, tmp_path: Path) -> None:
    source = write_source(tmp_path)
    built = say("engine", "build", "--from", source, "--yes", "--json")
    assert built.code == 0, built.err
    assert built.json["version"]
    assert "C++ compiler:" in built.err
    assert "about" in built.err
    assert "proven" in built.err
    assert say("engine", "use", "built").code == 0
    names = {row["name"]: row["chosen"] for row in say("engine", "--json").json}
    assert names == {"bundled": False, "built": True}
    removed = say("engine", "remove", "built")
    assert removed.code == 0
    assert "bundled runs models" in removed.err


def test_a_dry_run_builds_nothing(say: Say, tmp_path: Path, home: Path) -> None:
    source = write_source(tmp_path)
    plan = say("engine", "build", "--from", source, "--dry-run", "--json").json
    assert plan["possible"]
    assert {need["name"] for need in plan["needs"]} >= {"pip", "C++ compiler", "cmake"}
    assert say("engine", "build", "--from", source, "--dry-run").code == 0
    assert not (home / "engines").exists()


def test_without_a_terminal_it_builds_only_when_told(say: Say, tmp_path: Path) -> None:
    said = say("engine", "build", "--from", write_source(tmp_path))
    assert said.code == 2
    assert "--yes" in said.err


def test_a_choice_that_the_settings_override_is_said(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREEHOLD_ENGINE", "bundled")
    said = say("engine", "use", "bundled")
    assert "FREEHOLD_ENGINE or config.toml says bundled" in said.err


@pytest.mark.parametrize(
    ("words", "code", "words_said"),
    [
        (("use",), 2, "takes the name of an engine"),
        (("list", "built"), 2, "takes no name"),
        (("use", "ollama"), 2, "no engine 'ollama'"),
        (("use", "built"), 8, "freehold engine build"),
        (("use", "llama-server"), 8, "No llama-server is on the PATH"),
        (("remove", "bundled"), 2, "not built by Freehold"),
    ],
)
def test_what_makes_no_sense_is_said(
    say: Say, words: tuple[str, ...], code: int, words_said: str
) -> None:
    said = say("engine", *words)
    assert said.code == code
    assert words_said in said.err


def test_run_takes_an_engine_by_name(freehold: Run, owning: Path) -> None:
    words = ("run", "smollm2", "Say hi.", "--max-tokens", "3", "--seed", "1", "--engine")
    assert freehold(*words, "bundled").returncode == 0
    refused = freehold(*words, "/no/such/llama-server")
    assert refused.returncode == 8
    assert "There is no llama-server at /no/such/llama-server" in refused.stderr
