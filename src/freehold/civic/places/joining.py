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
    word: number
    for number, word in enumerate(
        (
            *("first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth"),
            *("ninth", "tenth", "eleventh", "twelfth", "thirteenth", "fourteenth", "fifteenth"),
            *("sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"),
        ),
        1,
    )
}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40}
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
    kept: list[str] = []
    tens = 0
    for word in words:
        number = re.fullmatch(r"0*(\d+)(st|nd|rd|th)?([a-z]?)", word)
        if word in _TENS:
            tens = _TENS[word]
        elif number:
            kept.append((number[1] if number[1] != "0" or not number[3] else "") + number[3])
        elif word in _ORDINALS:
            kept.append(str(tens + _ORDINALS[word]))
            tens = 0
        elif word not in _FILLING:
            kept.append(word)
    return "".join(kept)


def plain_name(name: str) -> str:
    """A district's name as a legislature would write it: `Belknap 1`, `First Essex`, `12`."""
    kept = [word for word in name.split() if word.lower() not in _FILLING - {"and", "of", "the"}]
    return " ".join(re.sub(r"^0+(?=\w)", "", word) for word in kept)


SeatsByKey = dict[tuple[Chamber, str, str], list[Seat]]


def seats_by_key(seats: Iterable[Seat]) -> SeatsByKey:
    """Seats by their district's key, with those that are seats of one district together."""
    found: SeatsByKey = {}
    for seat in sorted(seats):
        found.setdefault((seat.chamber, seat.state, _seat_key(seat)), []).append(seat)
    return found


def seats_of(boundaries: Iterable[Boundary], seats: Iterable[Seat]) -> dict[Boundary, list[Seat]]:
    """Each boundary with the seats that are filled from it; none where nobody sits for it."""
    by_key = seats_by_key(seats)
    return {
        boundary: seats_named(
            by_key, boundary.chamber, boundary.state, boundary.name, boundary.code
        )
        for boundary in boundaries
    }


def seats_named(
    seats: SeatsByKey, chamber: Chamber, state: str, name: str, code: str
) -> list[Seat]:
    """The seats of a district that the Census Bureau names and numbers so; none if none fits."""
    if chamber is Chamber.US_HOUSE:
        return seats.get((chamber, state, _congressional(code)), [])
    found = seats.get((chamber, state, key(name))) if name else None
    return found or seats.get((chamber, state, key(code)), [])


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


def seat_of_code(chamber: Chamber, state: str, name: str, code: str) -> Seat | None:
    """The district that the bureau names and numbers so, where nobody sits for it: vacant, or of
    another name there. None where only its number is known.
    """
    if chamber is Chamber.US_HOUSE:
        return Seat(chamber, state, _congressional(code))
    return Seat(chamber, state, plain_name(name)) if name else None


def _congressional(code: str) -> str:
    """`7` of `07`; empty for one at large, a delegate's or a resident commissioner's."""
    digits = code.lstrip("0")
    return "" if digits in {"", "98"} else digits
