"""Which seats belong to which boundary: names and numbers brought to one form.

Open States names seats as legislatures do, the Census Bureau's files name districts in their own
way. `Belknap 1` is `State House District Belknap 01`, `First Essex` is `First Essex District`,
`10A` is a seat of Idaho's district 10.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from freehold.civic.places.boundaries import Boundary
from freehold.civic.seat import Chamber, Seat

_FILLING = frozenset(
    {
        *("state", "house", "senate", "senatorial", "assembly", "general", "legislative"),
        *("representative", "delegates", "delegate", "resident", "commissioner", "council"),
        *("district", "districts", "subdistrict", "congressional", "at", "large"),
        *("of", "and", "the"),
    }
)
"""Words that say what a thing is, and not which."""
_ORDINALS = {
    word: str(number)
    for number, word in enumerate(
        (
            *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
            *("ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
            *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
        ),
        1,
    )
}
SEATS_WITHIN = frozenset({("ID", Chamber.LOWER), ("WA", Chamber.LOWER)})
"""Where a letter behind the number names a seat of a district, not a district."""
WHOLE_STATE = frozenset({"at-large", "at large", "chairman"})
"""Districts that are the whole of a state (DC's council, Puerto Rico's legislature)."""
TRIBES = frozenset({"passamaquoddy tribe", "penobscot nation", "houlton band of maliseet indians"})
"""Seats of Maine's house that a tribe fills, and no district."""
FLOTERIAL = frozenset({("NH", Chamber.LOWER)})
"""Where further districts lie over the ones in the boundary file, which it does not have."""


def key(name: str) -> str:
    """A district's name without what only says that it is one: `belknap1`, `1essex`, `10a`."""
    words = re.findall(r"[a-z]+|\d+[a-z]*", name.lower().replace("'", ""))
    kept = []
    for word in words:
        number = re.fullmatch(r"0*(\d+)(st|nd|rd|th)?([a-z]?)", word)
        if number:
            kept.append(number[1] + number[3])
        elif word not in _FILLING:
            kept.append(_ORDINALS.get(word, word))
    return "".join(kept)


def seats_of(boundaries: Iterable[Boundary], seats: Iterable[Seat]) -> dict[Boundary, list[Seat]]:
    """Each boundary with the seats that are filled from it; none where nobody sits for it."""
    by_key: dict[tuple[Chamber, str, str], list[Seat]] = {}
    for seat in seats:
        by_key.setdefault((seat.chamber, seat.state, _seat_key(seat)), []).append(seat)
    return {
        boundary: by_key.get((boundary.chamber, boundary.state, _boundary_key(boundary)), [])
        for boundary in boundaries
    }


def is_everywhere(seat: Seat) -> bool:
    """Whether a seat is filled by a whole state."""
    return not seat.district or seat.district.lower() in WHOLE_STATE


def is_tribal(seat: Seat) -> bool:
    """Whether a tribe fills a seat, wherever its members live."""
    return seat.state == "ME" and seat.district.lower() in TRIBES


def county_of(district: str) -> str:
    """The county in a district's name: `belknap` of `Belknap 1`."""
    return key(re.sub(r"\d+\s*$", "", district))


def _seat_key(seat: Seat) -> str:
    found = key(seat.district)
    if (seat.state, seat.chamber) in SEATS_WITHIN:
        return re.sub(r"(?<=\d)[a-z]$", "", found)
    return found


def _boundary_key(boundary: Boundary) -> str:
    if boundary.chamber is Chamber.US_HOUSE:
        return "" if boundary.code in {"00", "98"} else str(int(boundary.code))
    return key(boundary.name)
