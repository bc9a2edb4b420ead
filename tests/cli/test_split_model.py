"""A model split over several files, owned: one model to every command."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.modifying import write_random_lora
from tests.studying import cut, synthetic

TEXT = "Once upon a time"
ONCE = ("-p", TEXT, "--temperature", "0", "--max-tokens", "8", "--context", "64", "--json")


@pytest.fixture(autouse=True)
def _nothing_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)


@pytest.fixture
def parts(tmp_path: Path) -> list[Path]:
    """A small model in three files; the whole of it lies beside their folder."""
    folder = tmp_path / "parts"
    folder.mkdir()
    found = cut(synthetic(folder / "small.gguf"), 3)
    (folder / "small.gguf").rename(tmp_path / "whole.gguf")
    return found


def test_it_answers_and_is_studied_as_the_whole_is(
    say: Say, parts: list[Path], tmp_path: Path
) -> None:
    adapter = write_random_lora(tmp_path / "adapter.gguf", tmp_path / "whole.gguf")
    assert say("get", parts[1]).code == 0
    assert say("get", tmp_path / "whole.gguf").code == 0
    for words in (
        ("run", *ONCE, "--adapter", adapter, "-m"),
        ("study", "probs", "--json"),
    ):
        text = () if words[0] == "run" else (TEXT,)
        one, several = (say(*words, name, *text) for name in ("whole", "small"))
        assert (one.code, several.code) == (0, 0), several.err
        if words[0] == "run":
            assert several.json["answer"] == one.json["answer"]
        else:
            assert several.out == one.out.replace("whole", "small")


def test_it_is_shown_and_removed_as_one(say: Say, parts: list[Path], home: Path) -> None:
    assert say("get", parts[0].parent).code == 0
    (model,) = say("list", "--json").json
    assert [file["name"] for file in model["files"]] == [part.name for part in parts]
    paths = [Path(line) for line in say("show", "small", "--path").out.splitlines()]
    assert [path.read_bytes() for path in paths] == [part.read_bytes() for part in parts]
    assert say("remove", "small", "--yes").code == 0
    assert [path for path in (home / "blobs").rglob("*") if path.is_file()] == []


def test_adopted_it_runs_where_it_is(say: Say, parts: list[Path]) -> None:
    assert say("adopt", parts[0].parent, "--yes").code == 0
    assert say("run", "-m", "small", *ONCE).code == 0


def test_a_bundle_brings_all_of_it(
    say: Say, parts: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert say("get", parts[0]).code == 0
    facts = say("show", "small", "--json").json["facts"]
    assert say("export", "small", tmp_path / "small.tar").code == 0
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path / "other"))
    assert say("import", tmp_path / "small.tar").code == 0
    assert say("show", "small", "--json").json["facts"] == facts
