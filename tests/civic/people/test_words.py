"""Titles, parties and telephone numbers."""

from __future__ import annotations

import pytest

from freehold.civic.people.words import body, party, phone, tel, title
from freehold.civic.seat import Chamber, Seat


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("202-224-3121", "202-224-3121"),
        ("(202) 224-3121", "202-224-3121"),
        ("2022243121", "202-224-3121"),
        ("+1 202.224.3121", "202-224-3121"),
        ("1-202-224-3121", "202-224-3121"),
        ("202-224-3121 ext. 12", "202-224-3121 ext. 12"),
        ("202-224-3121 x12", "202-224-3121 ext. 12"),
        ("202-224-3121, Extension 1234", "202-224-3121 ext. 1234"),
        (" 202 224 3121 ", "202-224-3121"),
        ("224-3121", None),
        ("call me", None),
        ("", None),
        (None, None),
        ("202-224-3121; rm -rf", None),
    ],
)
def test_numbers_in_one_form(text: str | None, number: str | None) -> None:
    assert phone(text) == number


def test_the_address_that_dials() -> None:
    assert tel("202-224-3121") == "tel:+12022243121"
    assert tel("202-224-3121 ext. 12") == "tel:+12022243121;ext=12"


@pytest.mark.parametrize(
    ("chamber", "state", "said"),
    [
        (Chamber.US_SENATE, "WY", "Senator"),
        (Chamber.US_HOUSE, "WY", "Representative"),
        (Chamber.US_HOUSE, "DC", "Delegate"),
        (Chamber.US_HOUSE, "PR", "Resident Commissioner"),
        (Chamber.UPPER, "TX", "Senator"),
        (Chamber.LOWER, "TX", "Representative"),
        (Chamber.LOWER, "NY", "Assembly Member"),
        (Chamber.LOWER, "VA", "Delegate"),
        (Chamber.SINGLE, "NE", "Senator"),
        (Chamber.SINGLE, "DC", "Councilmember"),
    ],
)
def test_how_they_are_addressed(chamber: Chamber, state: str, said: str) -> None:
    assert title(Seat(chamber, state, "1")) == said


def test_parties_and_bodies_as_people_say_them() -> None:
    assert party("Democrat") == "Democratic"
    assert party("Forward") == "Forward"
    assert body(Seat(Chamber.LOWER, "NJ", "1")) == "General assembly"
    assert body(Seat(Chamber.SINGLE, "DC")) == "Council of the District of Columbia"
