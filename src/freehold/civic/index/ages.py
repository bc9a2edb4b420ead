"""Until when data holds: terms end, Congresses end, maps are redrawn."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import date

from freehold.civic.people.member import Member
from freehold.civic.seat import Chamber

ODD_YEARS = {"NJ": 2, "VA": 2, "LA": 4, "MS": 4}
"""States that elect their legislatures in odd years, and every how many."""
_ODD_YEAR = 2023
"""A year in which each of them did."""
_MANY = 10
REDRAWN = {
    "AL": "the map of 2023, allowed by the Supreme Court in 2026",
    "CA": "Proposition 50, November 2025",
    "FL": "signed in May 2026",
    "LA": "after Louisiana v. Callais, 2026",
    "MO": "House Bill 1, September 2025",
    "NC": "Senate Bill 249, October 2025",
    "OH": "Redistricting Commission, October 2025",
    "TN": "special session, May 2026",
    "TX": "House Bill 4, August 2025",
    "UT": "court-ordered, November 2025",
}
"""States with new districts for the House between the elections of 2024 and 2026, as of June 3 of
2026. Virginia's were approved by its voters and then barred by its Supreme Court. What courts have
changed since: https://ballotpedia.org/Redistricting_ahead_of_the_2026_elections"""


def congress_ends(number: int) -> date:
    """The day a Congress ends: the third of January of an odd year (Amendment XX)."""
    return date(1789 + 2 * number, 1, 3)


def congress_expires(members: Iterable[Member], as_of: date) -> tuple[date | None, str | None]:
    """The next day on which more than a few terms of members of Congress end, and how many do.

    Someone appointed until a special election may leave before.
    """
    ends = Counter(member.term_end for member in members if member.term_end)
    days = sorted(day for day in ends if day > as_of)
    if not days:
        return None, None
    first = next((day for day in days if ends[day] >= _MANY), days[0])
    return first, "1 term ends" if ends[first] == 1 else f"{ends[first]} terms end"


def legislatures_expire(states: Iterable[str], as_of: date) -> tuple[date | None, str | None]:
    """When members who were elected since may have taken their seats: December of the year in
    which the first of these states elects.
    """
    years = {state: _next_election(state, as_of) for state in states}
    if not years:
        return None, None
    first = min(years.values())
    electing = sorted(state for state, year in years.items() if year == first)
    who = ", ".join(electing) if len(electing) < 6 else f"{len(electing)} legislatures"
    return date(first, 12, 1), f"{who} elected in November {first}"


def boundaries_expire(
    chamber: Chamber, congress: int | None, states: Iterable[str]
) -> tuple[date | None, str | None]:
    """When districts of the House stop being those of its members."""
    if chamber is not Chamber.US_HOUSE or congress is None:
        return None, None
    redrawn = sorted(set(states) & set(REDRAWN)) if congress == 119 else []
    why = f"the {congress}th Congress ends"
    if redrawn:
        why += f", and {', '.join(redrawn)} elected the next one by redrawn maps"
    return congress_ends(congress), why


def _next_election(state: str, as_of: date) -> int:
    """The year of the first election whose members sit after `as_of`."""
    year = as_of.year if as_of < date(as_of.year, 12, 1) else as_of.year + 1
    if period := ODD_YEARS.get(state):
        return year + (_ODD_YEAR - year) % period
    return year + year % 2
