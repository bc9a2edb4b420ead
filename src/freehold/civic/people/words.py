"""Titles, parties and telephone numbers as people say and dial them."""

from __future__ import annotations

import re

from freehold.civic.places.states import WITHOUT_SENATORS
from freehold.civic.seat import Chamber, Seat

_LOWER_TITLES = {
    "CA": "Assembly Member",
    "NV": "Assembly Member",
    "NJ": "Assembly Member",
    "NY": "Assembly Member",
    "MD": "Delegate",
    "VA": "Delegate",
    "WV": "Delegate",
}
_PARTIES = {"Democrat": "Democratic", "Democratic-Farmer-Labor": "Democratic (DFL)"}
_BODIES = {
    Chamber.US_SENATE: "US Senate",
    Chamber.US_HOUSE: "US House of Representatives",
    Chamber.UPPER: "State senate",
    Chamber.SINGLE: "Legislature",
}
_LOWER_BODIES = {
    "CA": "State assembly",
    "NV": "State assembly",
    "NJ": "General assembly",
    "NY": "State assembly",
    "WI": "State assembly",
    "MD": "House of delegates",
    "VA": "House of delegates",
    "WV": "House of delegates",
}
_PHONE = re.compile(
    r"(?:\+?1[\s.-]*)?\(?(\d{3})\)?[\s.-]*(\d{3})[\s.-]*(\d{4})"
    r"(?:\s*(?:,|;)?\s*(?:ext(?:ension)?\.?|x)\s*(\d{1,6}))?\s*",
    re.IGNORECASE,
)


def title(seat: Seat) -> str:
    """How whoever holds a seat is addressed."""
    if seat.chamber is Chamber.US_HOUSE and seat.state in WITHOUT_SENATORS:
        return "Resident Commissioner" if seat.state == "PR" else "Delegate"
    if seat.chamber in {Chamber.US_SENATE, Chamber.UPPER}:
        return "Senator"
    if seat.chamber is Chamber.SINGLE:
        return "Councilmember" if seat.state == "DC" else "Senator"
    if seat.chamber is Chamber.LOWER:
        return _LOWER_TITLES.get(seat.state, "Representative")
    return "Representative"


def body(seat: Seat) -> str:
    """What the legislature of a seat is called."""
    if seat.chamber is Chamber.LOWER:
        return _LOWER_BODIES.get(seat.state, "State house")
    if seat.chamber is Chamber.SINGLE and seat.state == "DC":
        return "Council of the District of Columbia"
    return _BODIES[seat.chamber]


def party(name: str) -> str:
    """A party as its members say it."""
    return _PARTIES.get(name, name)


def phone(text: str | None) -> str | None:
    """A North American number as `202-224-3121`, with ` ext. 12` behind; None for any other."""
    match = _PHONE.fullmatch((text or "").strip())
    if match is None:
        return None
    number = f"{match[1]}-{match[2]}-{match[3]}"
    return f"{number} ext. {match[4]}" if match[4] else number


def tel(number: str) -> str:
    """The address that dials it (RFC 3966): `tel:+12022243121;ext=12`."""
    digits, _, extension = number.partition(" ext. ")
    base = "tel:+1" + digits.replace("-", "")
    return f"{base};ext={extension}" if extension else base
