"""A run that is broken off goes on where it was."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import StorageError
from freehold.study.evaluation.journal import Journal


def test_what_was_kept_is_known(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "run.jsonl"
    with Journal(path, "this") as journal:
        journal.add(0, {"said": "a"})
    with Journal(path, "this") as journal:
        assert journal.known[0]["said"] == "a"
        journal.add(1, {"said": "ü"})
    with Journal(path, "this") as journal:
        assert [each["said"] for each in journal.known.values()] == ["a", "ü"]


def test_half_a_line_is_lost_alone(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path, "this") as journal:
        for number in range(3):
            journal.add(number, {"said": "a"})
    path.write_bytes(path.read_bytes()[:-9])  # killed while it wrote
    with Journal(path, "this") as journal:
        assert set(journal.known) == {0, 1}
        journal.add(2, {"said": "b"})
    with Journal(path, "this") as journal:
        assert journal.known[2]["said"] == "b"


def test_another_question_begins_anew(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    with Journal(path, "this") as journal:
        journal.add(0, {"said": "a"})
    with Journal(path, "that") as journal:
        assert journal.known == {}


def test_where_nothing_can_be_kept_it_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with (
        pytest.raises(StorageError, match="keep the answers"),
        Journal(tmp_path / "file" / "x", ""),
    ):
        pass
