"""Whether an office is likely open: nine to five on working days, at the office's own time.

Time zones go by state; where a state has two, the towns known to be in the other one decide, and an
office whose town is not known there is unsure.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from freehold.civic.people.member import Member, Office, OfficeKind

OPENS, CLOSES = time(9), time(17)
_EASTERN, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"
_ZONES = {
    _EASTERN: "CT DC DE FL GA IN KY MA MD ME MI NC NH NJ NY OH PA RI SC VA VT WV",
    _CENTRAL: "AL AR IA IL KS LA MN MO MS ND NE OK SD TN TX WI",
    _MOUNTAIN: "CO ID MT NM UT WY",
    _PACIFIC: "CA NV OR WA",
    "America/Phoenix": "AZ",
    "America/Anchorage": "AK",
    "Pacific/Honolulu": "HI",
    "America/Puerto_Rico": "PR VI",
    "Pacific/Guam": "GU MP",
    "Pacific/Pago_Pago": "AS",
}
ZONE_OF_CAPITAL = {state: zone for zone, states in _ZONES.items() for state in states.split()}
"""The time zone at each state's capitol."""
TWO_ZONES = frozenset("AK FL ID IN KS KY MI ND NE OR SD TN TX".split())  # noqa: SIM905
"""States in two time zones."""


@dataclass(frozen=True)
class Hours:
    """Whether somebody is likely to answer now."""

    is_open: bool | None
    """None where the time there is not sure and it decides."""
    opens_at: datetime
    """When it opens next, or opened, at its own time."""
    words: str
    """`open until 5 pm there`, `opens Monday 9 am there: leave a voicemail`."""


def hours(office: Office, member: Member, now: datetime) -> Hours:
    """Whether an office is likely open at a time (with its zone)."""
    zone, sure = zone_of(office, member)
    there = now.astimezone(ZoneInfo(zone))
    if is_working(there.date()) and OPENS <= there.time() < CLOSES:
        edge = min(_minutes(there.time(), CLOSES), _minutes(OPENS, there.time()))
        if not sure and edge < 60:
            return Hours(None, there, "may be open; its time zone is not sure")
        return Hours(True, there, "likely open, until 5 pm there")
    opens = _next_opening(there)
    day = "today" if opens.date() == there.date() else f"{opens:%A}"
    return Hours(False, opens, f"likely closed; opens {day} at 9 am there: leave a voicemail")


def zone_of(office: Office, member: Member) -> tuple[str, bool]:
    """The time zone of an office, and whether that is sure."""
    if office.kind is OfficeKind.CAPITOL:
        zone = _EASTERN if member.seat.is_federal else ZONE_OF_CAPITAL[member.seat.state]
        return zone, True
    return ZONE_OF_CAPITAL[member.seat.state], member.seat.state not in TWO_ZONES


def is_working(day: date) -> bool:
    """Whether offices of government work: no weekend, no federal holiday (5 U.S.C. 6103)."""
    return day.weekday() < 5 and day not in holidays(day.year)


def holidays(year: int) -> frozenset[date]:
    """The federal holidays of a year, on the days on which offices keep them."""
    fixed = [date(year, 1, 1), date(year, 6, 19), date(year, 7, 4), date(year, 11, 11)]
    fixed += [date(year, 12, 25), date(year + 1, 1, 1)]
    moved = {_observed(day) for day in fixed}
    monday = 0
    return frozenset(
        {day for day in moved if day.year == year}
        | {
            _nth(year, 1, monday, 3),
            _nth(year, 2, monday, 3),
            _last(year, 5, monday),
            _nth(year, 9, monday, 1),
            _nth(year, 10, monday, 2),
            _nth(year, 11, 3, 4),
        }
    )


def _observed(day: date) -> date:
    """A Saturday's holiday is kept on Friday, a Sunday's on Monday."""
    return day + timedelta({5: -1, 6: 1}.get(day.weekday(), 0))


def _nth(year: int, month: int, weekday: int, count: int) -> date:
    first = date(year, month, 1)
    return first + timedelta((weekday - first.weekday()) % 7 + 7 * (count - 1))


def _last(year: int, month: int, weekday: int) -> date:
    return _nth(year, month + 1, weekday, 1) - timedelta(7)


def _next_opening(there: datetime) -> datetime:
    opens = there.replace(hour=OPENS.hour, minute=0, second=0, microsecond=0)
    if there >= opens:
        opens += timedelta(1)
    while not is_working(opens.date()):
        opens += timedelta(1)
    return opens


def _minutes(first: time, last: time) -> int:
    return (last.hour - first.hour) * 60 + last.minute - first.minute
