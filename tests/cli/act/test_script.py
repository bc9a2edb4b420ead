"""`freehold act script` as a person and a script use it."""

from __future__ import annotations

import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.civic.clauses.small_bill import SMALL_BILL
from tests.cli.conftest import Say

from freehold.actions import engines
from freehold.engine.fake import FakeEngine


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "small.txt"
    path.write_text(SMALL_BILL, encoding="utf-8")
    return path


def test_without_any_data_there_are_blanks_to_fill(say: Say) -> None:
    said = say("act", "script")
    assert said.code == 0
    assert "[your name]" in said.out
    assert "[the member]" in said.out
    assert "s to say" in said.err


def test_it_is_about_the_bills_first_red_line(say: Say, bill: Path) -> None:
    told = say("act", "script", "--bill", bill, "--json", "--name", "Ana", "--town", "Laramie").json
    assert told["ask"] == "oppose"
    assert told["clause"]["quote"] in " ".join(SMALL_BILL.split())
    assert f"“{' '.join(told['clause']['quote'].split())}" in told["text"]
    assert told["seconds"] < 60


def test_a_clause_can_be_chosen_and_a_wrong_one_is_told(say: Say, bill: Path) -> None:
    told = say("act", "script", "--bill", bill, "--clause", "4(a)", "--json").json
    assert told["clause"]["path"] == "§ 4(a)"
    assert told["ask"] == "where-do-you-stand"
    said = say("act", "script", "--bill", bill, "--clause", "99")
    assert said.code == 2
    assert "There are findings at" in said.err


def test_without_data_a_name_says_what_to_fetch(say: Say) -> None:
    said = say("act", "script", "Olsen")
    assert said.code == 1
    assert "freehold act update" in said.err


def test_a_sheet_and_a_letter_are_written(say: Say, tmp_path: Path) -> None:
    sheet, letter = tmp_path / "sheet.html", tmp_path / "letter.txt"
    said = say("act", "script", "--form", "letter", "--html", sheet, "-o", letter)
    assert said.code == 0
    assert said.out == ""
    assert "14pt" in sheet.read_text()
    assert letter.read_text().endswith("[your town]\n")


def test_a_law_of_our_drafting(say: Say) -> None:
    said = say("act", "script", "--draft", "amendment", "--state", "nh")
    assert said.code == 0
    assert "DRAFT FOR COUNSEL" in said.out
    assert "New Hampshire" in said.out


def test_a_models_words_are_marked_or_refused(
    say: Say, two_models: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "engine_for", lambda settings: FakeEngine())
    said = say("act", "script", "--rewrite", two_models[0])
    assert said.code == 0
    assert "was not taken" in said.err  # what the fake engine says is no rewriting
    assert "[your name]" in said.out


def test_the_log_from_the_first_call_to_the_last(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "empty" in say("act", "log").err
    added = ("act", "log", "add", "call", "Senator", "Olsen", "--outcome", "spoke")
    assert say(*added, "--follow-up", "2020-01-01", "--note", "polite").code == 0
    (entry,) = say("act", "log", "--json").json
    assert (entry["member"], entry["is_due"]) == ("Senator Olsen", True)
    assert "(due)" in say("act", "log").out
    table, calendar = tmp_path / "log.csv", tmp_path / "log.ics"
    assert say("act", "log", "--csv", table, "--ics", calendar).code == 0
    assert "polite" in table.read_text()
    assert "20200101" in calendar.read_text()
    assert say("act", "log", "done", "1").code == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    assert say("act", "log", "erase").code == 2
    assert say("act", "log", "erase", "--yes").code == 0
    assert say("act", "log", "--json").json == []


@pytest.mark.parametrize(
    "words",
    [
        ("add",),
        ("add", "telegram", "Senator Olsen"),
        ("done", "two"),
        ("done", "9"),
        ("add", "call", "Senator Olsen", "--follow-up", "soon"),
    ],
)
def test_what_makes_no_sense_is_said(say: Say, words: tuple[str, ...]) -> None:
    said = say("act", "log", *words)
    assert said.code == 2
    assert said.err
