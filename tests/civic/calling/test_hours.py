"""Offices are open nine to five at their own time, not on weekends or holidays."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
from tests.civic.calling.test_script import member

from freehold.civic.calling.holidays import federal_holidays
from freehold.civic.calling.hours import hours, is_working
from freehold.civic.calling.zones import CAPITOL as CAPITOL_ZONES
from freehold.civic.calling.zones import zones_of
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
    assert told.words == (
        "likely closed; opens in 3 days (Monday 9 am Mountain time): leave a voicemail"
    )
    before_thanksgiving = hours(CAPITOL, member(), at(2026, 11, 26, 3, 0))
    assert before_thanksgiving.opens_at.date() == date(2026, 11, 27)
    on_it = hours(CAPITOL, member(), at(2026, 11, 26, 18, 0))
    assert on_it.words.startswith("likely closed (Thanksgiving Day); opens in 22 hours (Friday")


def test_the_wait_is_told_over_a_change_of_the_clock() -> None:
    saturday = hours(CAPITOL, in_state("CT"), at(2026, 10, 31, 21, 0))  # summer time ends tonight
    assert saturday.opens_at.utcoffset() != at(2026, 10, 31, 21, 0).utcoffset()
    assert "opens in 41 hours" in saturday.words
    assert "in 30 minutes (today 9 am" in hours(CAPITOL, member(), at(2026, 11, 24, 15, 30)).words


def test_near_the_hour_a_state_of_two_zones_is_not_sure() -> None:
    assert hours(DISTRICT, in_state("TN"), at(2026, 11, 24, 14, 30)).is_open is None
    assert hours(DISTRICT, in_state("TN"), at(2026, 11, 24, 18, 0)).is_open is True
    assert hours(DISTRICT, in_state("TN"), at(2026, 11, 24, 15, 10)).is_open is True  # by either
    assert hours(CAPITOL, in_state("TN"), at(2026, 11, 24, 14, 30)).is_open is False


@pytest.mark.parametrize(
    ("state", "office", "zones"),
    [
        ("FL", Office(OfficeKind.DISTRICT, city="Pensacola"), ["America/Chicago"]),
        ("FL", Office(OfficeKind.DISTRICT, city="Miami"), ["America/New_York"]),
        ("TN", Office(OfficeKind.DISTRICT, city="Knoxville"), ["America/New_York"]),
        ("TX", Office(OfficeKind.DISTRICT, city="El Paso"), ["America/Denver"]),
        ("TX", Office(OfficeKind.DISTRICT, city="Waco"), ["America/Chicago"]),
        ("SD", Office(OfficeKind.DISTRICT, "1 A St, Rapid City, SD 57701"), ["America/Denver"]),
        (
            "ID",
            Office(OfficeKind.DISTRICT, city="Nowhere"),
            ["America/Boise", "America/Los_Angeles"],
        ),
        ("ID", Office(OfficeKind.CAPITOL, city="Lewiston"), ["America/Boise"]),
    ],
)
def test_the_town_decides_where_a_state_has_two_zones(
    state: str, office: Office, zones: list[str]
) -> None:
    assert list(zones_of(in_state(state).seat, office)) == zones


def test_summer_time_is_kept_where_it_is_kept() -> None:
    assert hours(CAPITOL, in_state("CO"), at(2026, 7, 7, 15, 30)).is_open is True
    assert hours(CAPITOL, in_state("AZ"), at(2026, 7, 7, 15, 30)).is_open is False


def test_every_state_has_a_time_zone() -> None:
    assert set(CAPITOL_ZONES) == set(NAMES)


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
    assert day in federal_holidays(day.year)
    assert not is_working(day)


def test_other_days_are_working_days() -> None:
    assert is_working(date(2026, 11, 25))
    assert not is_working(date(2026, 11, 28))
    assert len(federal_holidays(2026)) == 11
