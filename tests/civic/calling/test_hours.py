"""Offices are open nine to five at their own time, not on weekends or holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.civic.calling.test_script import member

from freehold.civic.calling.hours import ZONE_OF_CAPITAL, holidays, hours, is_working
from freehold.civic.people.member import Member, Office, OfficeKind
from freehold.civic.places.states import NAMES
from freehold.civic.seat import Chamber, Seat

CAPITOL = Office(OfficeKind.CAPITOL)
DISTRICT = Office(OfficeKind.DISTRICT)


def at(year: int, month: int, day: int, hour: int, minute: int) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def in_state(state: str, chamber: Chamber = Chamber.LOWER) -> Member:
    return Member("1", "A B", "B", Seat(chamber, state, "1"), "Representative", "Independent")


def test_an_office_is_open_at_its_own_time() -> None:
    assert hours(CAPITOL, member(), at(2026, 11, 24, 16, 30)).is_open is True  # 9:30 in Cheyenne
    assert hours(CAPITOL, member(), at(2026, 11, 24, 15, 30)).is_open is False
    federal = in_state("WY", Chamber.US_SENATE)
    assert hours(CAPITOL, federal, at(2026, 11, 24, 15, 30)).is_open is True  # Washington's time


def test_a_closed_office_says_when_it_opens() -> None:
    friday_evening = at(2026, 11, 21, 1, 0)
    told = hours(CAPITOL, member(), friday_evening)
    assert told.is_open is False
    assert "opens Monday at 9 am there" in told.words
    assert "voicemail" in told.words
    before_thanksgiving = hours(CAPITOL, member(), at(2026, 11, 26, 3, 0))
    assert before_thanksgiving.opens_at.date() == date(2026, 11, 27)


def test_near_the_hour_a_state_of_two_zones_is_not_sure() -> None:
    assert hours(DISTRICT, in_state("TN"), at(2026, 11, 24, 15, 10)).is_open is None
    assert hours(DISTRICT, in_state("TN"), at(2026, 11, 24, 18, 0)).is_open is True
    assert hours(CAPITOL, in_state("TN"), at(2026, 11, 24, 15, 10)).is_open is True


def test_summer_time_is_kept_where_it_is_kept() -> None:
    assert hours(CAPITOL, in_state("CO"), at(2026, 7, 7, 15, 30)).is_open is True
    assert hours(CAPITOL, in_state("AZ"), at(2026, 7, 7, 15, 30)).is_open is False


def test_every_state_has_a_time_zone() -> None:
    assert set(ZONE_OF_CAPITAL) == set(NAMES)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 5, 25),
        date(2026, 7, 3),  # the fourth is a Saturday
        date(2026, 11, 26),
        date(2027, 7, 5),  # the fourth is a Sunday
        date(2021, 12, 31),  # New Year's day of 2022 is a Saturday
    ],
)
def test_holidays_are_on_the_days_on_which_offices_keep_them(day: date) -> None:
    assert day in holidays(day.year)
    assert not is_working(day)


def test_other_days_are_working_days() -> None:
    assert is_working(date(2026, 11, 25))
    assert not is_working(date(2026, 11, 28))
    assert len(holidays(2026)) == 11
