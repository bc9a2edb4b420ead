"""`freehold act script` as a person and a script use it."""

from __future__ import annotations

import io
import json
import os
import re
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tests.civic.clauses.small_bill import SMALL_BILL
from tests.civic.small_data import write_all
from tests.cli.conftest import Say

from freehold.actions import engines
from freehold.civic.calling.rewriting import LONGEST_ANSWER
from freehold.engine.fake import FakeEngine
from freehold.engine.fake_model import FakeModel
from freehold.settings import Settings

PLAIN_BILL = """\
H.B. 9
A BILL
To study artificial intelligence in schools.

SECTION 1. SHORT TITLE.
This Act may be cited as the School Study Act.

SECTION 2. REPORT.
The department shall report to the legislature on artificial intelligence in schools.
"""


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


@pytest.fixture
def country(say: Say, tmp_path: Path) -> None:
    """The public data of a small country, in this home."""
    assert say("act", "update", "--from", write_all(tmp_path / "stick")).code == 0


@pytest.mark.usefixtures("country")
def test_a_member_is_found_with_numbers_hours_and_the_age_of_the_data(say: Say) -> None:
    said = say("act", "script", "Dee Wide", "--name", "Ana", "--town", "Laramie")
    assert "I am calling Senator Wide as a constituent" in said.out
    assert "307-555-0100" in said.err
    assert re.search(r"likely (open|closed)", said.err)
    assert "State legislators, as of" in said.err
    assert "Quiet Lane" not in said.err
    told = say("act", "script", "Dee Wide", "--json").json
    assert told["phones"][0]["tel"] == "tel:+13075550100"
    assert "202-224-3121" in say("act", "script", "Ada Example").err
    assert "m0@example.gov" in say("act", "script", "Dee Wide", "--form", "email").err


@pytest.mark.usefixtures("country")
def test_everyone_that_a_list_names_gets_a_page(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    listed = say("act", "reps", "1.0,0.5", "--json").out
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(listed.encode())))
    sheet = tmp_path / "sheet.html"
    told = say("act", "script", "-", "--html", sheet, "--json").json
    assert [one["member"] for one in told] == [
        member["name"] for seat in json.loads(listed)["candidates"] for member in seat["members"]
    ]
    assert len(told) >= 4
    page = sheet.read_text()
    assert page.count("<article>") >= 4
    assert "State legislators, as of" in page
    assert "Quiet Lane" not in page
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"Dee Wide")))
    assert say("act", "script", "-").code == 2


def test_a_bill_without_a_red_line_is_told_so(say: Say, tmp_path: Path) -> None:
    bill = tmp_path / "plain.txt"
    bill.write_text(PLAIN_BILL, encoding="utf-8")
    told = say("act", "script", "--bill", bill, "--json").json
    assert told["ask"] == "where-do-you-stand"
    assert told["clause"] is None
    assert "oppose" not in told["text"]
    assert "No red line was found" in told["notes"][0]
    opposed = say("act", "script", "--bill", bill, "--ask", "oppose", "--json").json
    assert "[your reason, in your own words]" in opposed["text"]


def test_the_owner_changes_the_text_first(
    say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    editor = tmp_path / "editor.py"
    editor.write_text("import sys; open(sys.argv[1], 'a').write('Please call me back.')")
    monkeypatch.setenv("VISUAL", f"{Path(sys.executable).as_posix()} {editor.as_posix()}")
    assert say("act", "script", "--edit").out.endswith("time.\nPlease call me back.\n")
    editor.write_text("raise SystemExit(3)")
    failed = say("act", "script", "--edit")
    assert (failed.code, failed.out) == (2, "")
    editor.write_text("import sys; open(sys.argv[1], 'w').close()")
    assert say("act", "script", "--edit").code == 2


def test_a_model_has_room_for_a_whole_letter(
    say: Say, two_models: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int | None] = []

    def remembering(self: FakeModel, request: Any) -> Any:
        asked.append(request.sampling.max_tokens)
        return iter(())

    monkeypatch.setattr(FakeModel, "chat", remembering)
    monkeypatch.setattr(FakeModel, "complete", remembering)
    monkeypatch.setattr(engines, "engine_for", lambda settings: FakeEngine())
    assert say("act", "script", "--rewrite", two_models[0]).code == 0
    assert asked == [LONGEST_ANSWER]


def test_a_sheet_and_a_letter_are_written(say: Say, tmp_path: Path) -> None:
    sheet, letter = tmp_path / "sheet.html", tmp_path / "letter.txt"
    said = say("act", "script", "--form", "letter", "--html", sheet, "-o", letter)
    assert said.code == 0
    assert said.out == ""
    assert "14pt" in sheet.read_text()
    assert letter.read_text().endswith("[your town]\n")


def test_a_law_of_our_drafting(say: Say, tmp_path: Path) -> None:
    said = say("act", "script", "--draft", "amendment", "--state", "nh")
    assert said.code == 0
    assert "DRAFT FOR COUNSEL" in said.out
    assert "New Hampshire" in said.out
    page = tmp_path / "law.html"
    assert say("act", "script", "--draft", "bill", "--html", page).code == 0
    assert page.read_text().count("<h2>Section ") == 8
    assert "<li>No public body may impose a condition" in page.read_text()


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
    kept = Settings.load().home / "civic" / "log.json"
    assert os.name == "nt" or kept.stat().st_mode & 0o777 == 0o600
    table, calendar = tmp_path / "log.csv", tmp_path / "log.ics"
    assert say("act", "log", "--csv", table, "--ics", calendar).code == 0
    assert "polite" in table.read_text()
    assert "20200101" in calendar.read_text()
    assert say("act", "log", "done", "1").code == 0
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: False))
    assert say("act", "log", "erase").code == 2
    assert say("act", "log", "erase", "--yes").code == 0
    assert say("act", "log", "--json").json == []
    assert not list(kept.parent.iterdir())


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
