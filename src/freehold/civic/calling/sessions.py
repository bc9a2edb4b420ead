"""Whether a legislature is likely to sit: only what is sure for years ahead, with its date.

Two rules are kept, each said alike by the National Conference of State Legislatures and by press
that lists every legislature's calendar: four legislatures hold regular sessions in odd years only
(2014, 2016, April 2025), and three sit all year long (2016, 2024). Days of convening and
adjourning differ from year to year, so none is claimed here. Special sessions are not known.
"""

from __future__ import annotations

from datetime import date

from freehold.civic.places.states import NAMES
from freehold.civic.seat import Seat

AS_OF = date(2025, 4, 11)
_ODD_YEARS_ONLY = frozenset({"MT", "ND", "NV", "TX"})
_ALL_YEAR = frozenset({"MI", "NJ", "OH"})


def session_words(seat: Seat, today: date) -> str | None:
    """What is known of the sessions of a state's legislature; None for others and for Congress."""
    if seat.is_federal:
        return None
    name = NAMES.get(seat.state, seat.state)
    if seat.state in _ALL_YEAR:
        return f"{name}'s legislature usually sits all year."
    if seat.state not in _ODD_YEARS_ONLY:
        return None
    rule = f"{name}'s legislature holds regular sessions in odd years only (as of {AS_OF.year})"
    if today.year % 2:
        return f"{rule}; this is one."
    return (
        f"{rule}: the next is in {today.year + 1}, when its bills are heard. A call counts now too."
    )
