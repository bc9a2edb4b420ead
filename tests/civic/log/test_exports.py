"""The log read back by others: a spreadsheet's CSV, a calendar's lines."""

from __future__ import annotations

import csv
import io
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from freehold.civic.log.entry import Entry, Kind, Outcome, as_json, checked_note, from_json
from freehold.civic.log.exports import as_calendar, as_csv

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=200)


def entry(note: str = "", follow_up: date | None = date(2026, 12, 3)) -> Entry:
    return Entry(3, NOW, "Senator Müller, of all", Kind.CALL, Outcome.SPOKE, note, follow_up)


def unfolded(calendar: str) -> list[str]:
    """A calendar's lines as section 3.1 of RFC 5545 puts them together."""
    assert calendar.endswith("\r\n")
    return calendar.replace("\r\n ", "").split("\r\n")[:-1]


def values(calendar: str, name: str) -> list[str]:
    found = []
    for line in unfolded(calendar):
        head, _, value = line.partition(":")
        if head.partition(";")[0] == name:
            out, escaped = "", False
            for character in value:
                if escaped:
                    out += "\n" if character in "nN" else character
                elif character != "\\":
                    out += character
                escaped = character == "\\" and not escaped
            found.append(out)
    return found


@given(TEXT)
def test_a_calendar_gives_every_note_back(note: str) -> None:
    calendar = as_calendar([entry(note)], NOW)
    assert all(len(line.encode()) <= 75 for line in calendar.split("\r\n"))
    assert note in values(calendar, "DESCRIPTION")[0]
    assert values(calendar, "SUMMARY") == ["Ask Senator Müller, of all again"]
    assert values(calendar, "DTSTART") == ["20261203"]
    assert values(calendar, "DTSTAMP") == ["20261125T120000Z"]


def test_only_what_is_to_be_followed_up_is_in_a_calendar() -> None:
    calendar = as_calendar([entry(follow_up=None)], NOW)
    assert "VEVENT" not in calendar
    assert unfolded(calendar)[-1] == "END:VCALENDAR"


@given(TEXT)
def test_a_table_gives_every_note_back(note: str) -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([entry(note)]))))
    assert rows[0]["note"].removeprefix("'") == note.removeprefix("'")
    assert rows[0]["member"] == "Senator Müller, of all"


def test_a_spreadsheet_computes_nothing() -> None:
    rows = list(csv.DictReader(io.StringIO(as_csv([entry("=HYPERLINK(1)")]))))
    assert rows[0]["note"] == "'=HYPERLINK(1)"


def test_an_entry_survives_being_kept() -> None:
    for each in (entry("a"), entry(follow_up=None)):
        assert from_json(as_json(each)) == each


def test_a_note_has_no_signs_that_would_break_a_line() -> None:
    assert checked_note("a\r\nb\x07c\x85d\u2028e \udcff") == "a b c d e ?"
