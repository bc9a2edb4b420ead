"""`freehold act bill` as a person and a script use it."""

from __future__ import annotations

import io
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from tests.civic.bills.pdf_writing import pdf_of
from tests.civic.clauses.small_bill import SMALL_BILL
from tests.cli.conftest import Say

from freehold.actions import engines
from freehold.civic.clauses.report import NOT_LEGAL_ADVICE
from freehold.engine.fake import FakeEngine

BOMB = (
    b'<?xml version="1.0"?><!DOCTYPE bill [<!ENTITY a "lol"><!ENTITY b "&a;&a;&a;&a;">]>'
    b"<bill><legis-body><section><enum>1.</enum><text>&b;</text></section></legis-body></bill>"
)
OUTSIDE = (
    b'<?xml version="1.0"?><!DOCTYPE bill [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    b"<bill><legis-body><section><enum>1.</enum><text>&a;</text></section></legis-body></bill>"
)
HARMLESS = "A BILL\nSECTION 1. BOARD.\nThe board shall meet once a year.\n"


@pytest.fixture
def bill(tmp_path: Path) -> Path:
    path = tmp_path / "small.txt"
    path.write_text(SMALL_BILL, encoding="utf-8")
    return path


def test_the_red_lines_first_each_with_its_words(say: Say, bill: Path) -> None:
    said = say("act", "bill", bill)
    assert said.code == 0
    assert "2 red lines found in " in said.out
    lines = said.out.splitlines()
    first = next(place for place, line in enumerate(lines) if line.startswith("R  "))
    assert lines[first] == "R  § 3(a)  a licence"
    assert lines[first + 1].startswith("   “No keeper may run a covered model unless")
    flat = " ".join(said.out.split())
    assert "size: from 10^26 operations: 30 days of this machine are 7 orders" in flat
    assert "but: § 5 may take out open models" in flat
    assert "U  § 4(a)  A person shall not use a covered model to defraud another." in lines
    assert NOT_LEGAL_ADVICE in flat
    assert not said.err


def test_none_found_is_said_plainly(say: Say, tmp_path: Path) -> None:
    (tmp_path / "board.txt").write_text(HARMLESS)
    said = say("act", "bill", tmp_path / "board.txt")
    assert said.code == 0
    assert "No red line found in 1 clause;" in said.out


def test_what_the_rules_are_unsure_of_stands_apart_with_the_reason(say: Say, bill: Path) -> None:
    hums = "SEC. 6. HUM.\nNo person may develop a covered model that hums.\nSEC. 7. REPORT."
    bill.write_text(SMALL_BILL.replace("SEC. 6. REPORT.", hums), encoding="utf-8")
    said = say("act", "bill", bill).out
    _, _, unsure = said.partition("Read these yourself: the rules are not sure\n")
    lines = unsure.splitlines()
    assert lines[0] == "U  § 6  No person may develop a covered model that hums."
    assert "names neither a harm nor anybody's leave" in " ".join(lines[1:3])


def test_the_same_for_programs(say: Say, bill: Path) -> None:
    found = say("act", "bill", bill, "--json").json
    assert found["counts"] == {"restricts-tool": 2, "use": 2, "protects": 1, "neutral": 6}
    first = found["findings"][0]
    assert (first["path"], first["red_line"]) == ("§ 3(a)", "licence")
    assert first["quote"].startswith("No keeper may run")
    assert first["thresholds"][0]["amount"] == 1e26
    assert found["fetched"] is False
    assert found["not_legal_advice"]
    assert len(say("act", "bill", bill, "--json", "--all").json["findings"]) == 11


def test_standard_input_and_a_file_say_the_same(
    say: Say, bill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    typed = SimpleNamespace(buffer=io.BytesIO(SMALL_BILL.encode()), isatty=lambda: False)
    monkeypatch.setattr(sys, "stdin", typed)
    assert say("act", "bill", "-").out == say("act", "bill", bill).out


def test_two_versions(say: Say, bill: Path, tmp_path: Path) -> None:
    newer = tmp_path / "newer.txt"
    newer.write_text(
        SMALL_BILL.replace("No keeper may run a covered model unless", "It is told whether")
    )
    said = say("act", "bill", newer, "--against", bill)
    assert said.code == 0
    assert "newer: 1 red line in" in said.out
    assert "older: 2 red lines in" in said.out
    assert "\nwent\nR  § 3(a)  a licence\n" in said.out
    found = say("act", "bill", newer, "--against", bill, "--json").json
    assert [each["path"] for each in found["went"]] == ["§ 3(a)"]


def test_a_page_is_written_whole(say: Say, bill: Path, tmp_path: Path) -> None:
    out = tmp_path / "page.html"
    said = say("act", "bill", bill, "--html", out)
    assert said.code == 0
    assert str(out) in said.err
    assert out.read_text(encoding="utf-8").endswith("</html>\n")
    refused = say("act", "bill", bill, "--html", tmp_path / "small.txt" / "x.html")
    assert refused.code == 1


def test_markdown(say: Say, bill: Path) -> None:
    said = say("act", "bill", bill, "--markdown")
    assert "### § 3(a): a licence\n> No keeper may run" in said.out


def test_an_owned_model_may_choose_and_explain(
    say: Say, two_models: tuple[str, str], bill: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "engine_for", lambda *_: FakeEngine())
    said = say("act", "bill", bill, "--plain", "alpha", "--model", "alpha")
    assert said.code == 0, said.err
    assert "(a model's words, not the bill's)" in said.out
    assert "2 red lines found" in said.out
    assert say("act", "bill", bill, "--model", "nobody").code == 1


@pytest.mark.parametrize(
    ("name", "data", "said"),
    [
        ("gone.txt", None, "cannot be read"),
        ("letter.txt", b"Dear sir,\nhow are you? The weather is fine here.\n", "bill"),
        ("empty.txt", b"", "empty"),
        ("noise.bin", bytes(range(256)) * 20, ""),
        ("scan.pdf", pdf_of([[], []]), "no text"),
        ("cut.pdf", pdf_of([["SECTION 1. A board shall meet."]])[:400], "PDF"),
        ("bomb.xml", BOMB, "entit"),
        ("outside.xml", OUTSIDE, "entit"),
    ],
)
def test_what_is_no_bill_is_one_clear_error(
    say: Say, tmp_path: Path, name: str, data: bytes | None, said: str
) -> None:
    if data is not None:
        (tmp_path / name).write_bytes(data)
    answer = say("act", "bill", tmp_path / name)
    assert answer.code == 2
    assert said in answer.err
    assert "Traceback" not in answer.err
    assert not answer.out


def test_nothing_in_a_bill_drives_the_terminal(say: Say, tmp_path: Path) -> None:
    path = tmp_path / "odd.txt"
    path.write_text(SMALL_BILL.replace("to defraud another", "to defraud \u202e\x1b[2Janother"))
    said = say("act", "bill", path)
    assert "\x1b" not in said.out
    assert "\u202e" not in said.out


def test_two_ways_to_print_are_refused(say: Say, bill: Path) -> None:
    assert say("act", "bill", bill, "--json", "--markdown").code == 2
    assert say("act", "bill", "-", "--against", "-").code == 2
