"""Whether an office is likely open: nine to five on working days, at the office's own time.

These are the usual hours, not an office's own. A state's own holidays and its recesses are not
known here.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from freehold.civic.calling.holidays import federal_holidays, holiday
from freehold.civic.calling.zones import load, plain, zones_of
from freehold.civic.people.member import Member, Office

OPENS, CLOSES = time(9), time(17)
_SATURDAY = 5
_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


@dataclass(frozen=True)
class Hours:
    """Whether somebody is likely to answer now."""

    is_open: bool | None
    """None where the office may be in either of two time zones and that decides."""
    opens_at: datetime
    """When it opens next, or opened, at its own time."""
    words: str
    """`likely open, until 5 pm Eastern time`, `likely closed; opens in 14 hours (…)`."""
    zones: tuple[str, ...] = ()
    """Its time zone; two where it may be either."""


def hours(office: Office, member: Member, now: datetime) -> Hours:
    """Whether an office is likely open at a time (with its zone). Raises StorageError."""
    zones = zones_of(member.seat, office)
    there = [now.astimezone(load(name)) for name in zones]
    time_words = " or ".join(dict.fromkeys(plain(name) for name in zones)) + " time"
    are_open = [_is_open(each) for each in there]
    if all(are_open):
        return Hours(True, _opened(there[0]), f"likely open, until 5 pm {time_words}", zones)
    if any(are_open):
        words = f"may be open: nine to five, in {time_words}"
        return Hours(None, _opened(there[are_open.index(True)]), words, zones)
    opens = max((_next_opening(each) for each in there), key=_moment)
    closed_for = holiday(there[0].date())
    words = f"likely closed{f' ({closed_for})' if closed_for else ''}; opens "
    words += f"{_wait(now, opens)} ({_day(there[0], opens)} 9 am {time_words}): leave a voicemail"
    return Hours(False, opens, words, zones)


def is_working(day: date) -> bool:
    """Whether offices of government work: no weekend, no federal holiday."""
    return day.weekday() < _SATURDAY and day not in federal_holidays(day.year)


def _is_open(there: datetime) -> bool:
    return is_working(there.date()) and OPENS <= there.time() < CLOSES


def _opened(there: datetime) -> datetime:
    return datetime.combine(there.date(), OPENS, tzinfo=there.tzinfo)


def _next_opening(there: datetime) -> datetime:
    day = there.date() + timedelta(there.time() >= OPENS)
    while not is_working(day):
        day += timedelta(1)
    return datetime.combine(day, OPENS, tzinfo=there.tzinfo)


def _moment(when: datetime) -> datetime:
    """In universal time, since a difference within one zone passes over the clock's changes."""
    return when.astimezone(UTC)


def _wait(now: datetime, opens: datetime) -> str:
    minutes = max(round((_moment(opens) - _moment(now)).total_seconds() / 60), 1)
    if minutes < 90:
        return f"in {minutes} minute{'' if minutes == 1 else 's'}"
    hours_left = round(minutes / 60)
    return f"in {hours_left} hours" if hours_left < 48 else f"in {round(hours_left / 24)} days"


def _day(there: datetime, opens: datetime) -> str:
    return "today" if opens.date() == there.date() else _WEEKDAYS[opens.weekday()]
