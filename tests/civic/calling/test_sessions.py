"""Only what is sure is said of a legislature's sessions."""

from __future__ import annotations

from datetime import date

from freehold.civic.calling.sessions import session_words
from freehold.civic.places.states import NAMES
from freehold.civic.seat import Chamber, Seat


def told(state: str, year: int, chamber: Chamber = Chamber.UPPER) -> str | None:
    return session_words(Seat(chamber, state, "1"), date(year, 11, 26))


def test_four_legislatures_rest_in_even_years() -> None:
    assert "the next is in 2027" in (told("TX", 2026) or "")
    assert "this is one" in (told("MT", 2027) or "")
    resting = [state for state in NAMES if "odd years" in (told(state, 2026) or "")]
    assert sorted(resting) == ["MT", "ND", "NV", "TX"]


def test_of_others_and_of_congress_nothing_is_claimed() -> None:
    assert told("WY", 2026) is None
    assert told("TX", 2026, Chamber.US_HOUSE) is None
    assert told("OH", 2026) == "Ohio's legislature usually sits all year."
