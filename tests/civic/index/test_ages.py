"""Until when data holds."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from tests.civic.small_country import TODAY, write_congress

from freehold.civic.index.ages import (
    boundaries_expire,
    congress_ends,
    congress_expires,
    legislatures_expire,
)
from freehold.civic.people.congress import read_congress
from freehold.civic.seat import Chamber


def test_a_congress_ends_on_the_third_of_january() -> None:
    assert congress_ends(119) == date(2027, 1, 3)
    assert congress_ends(118) == date(2025, 1, 3)


def test_terms_of_members_end(tmp_path: Path) -> None:
    members = read_congress(write_congress(tmp_path), today=TODAY)
    assert congress_expires(members, TODAY) == (date(2027, 1, 3), "5 terms end")
    assert congress_expires([], TODAY) == (None, None)


@pytest.mark.parametrize(
    ("states", "as_of", "day"),
    [
        (["TX"], date(2026, 8, 5), date(2026, 12, 1)),
        (["TX"], date(2026, 12, 2), date(2028, 12, 1)),
        (["TX"], date(2025, 1, 1), date(2026, 12, 1)),
        (["NJ"], date(2026, 8, 5), date(2027, 12, 1)),
        (["VA"], date(2025, 12, 5), date(2027, 12, 1)),
        (["LA"], date(2026, 8, 5), date(2027, 12, 1)),
        (["MS"], date(2027, 12, 5), date(2031, 12, 1)),
        (["NJ", "TX"], date(2026, 8, 5), date(2026, 12, 1)),
    ],
)
def test_legislatures_until_after_the_next_election(
    states: list[str], as_of: date, day: date
) -> None:
    assert legislatures_expire(states, as_of)[0] == day


def test_districts_of_congress_and_maps_redrawn() -> None:
    day, why = boundaries_expire(Chamber.US_HOUSE, 119, ["TX", "WY"])
    assert day == date(2027, 1, 3)
    assert why == "the 119th Congress ends, and TX elected the next one by redrawn maps"
    assert "redrawn" not in str(boundaries_expire(Chamber.US_HOUSE, 119, ["WY"])[1])
    assert "redrawn" not in str(boundaries_expire(Chamber.US_HOUSE, 120, ["TX"])[1])
    assert boundaries_expire(Chamber.UPPER, None, ["TX"]) == (None, None)
