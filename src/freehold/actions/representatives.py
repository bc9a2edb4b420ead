"""Who represents a place: looked up here, told to nobody, kept nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from freehold.actions.civic_files import INDEX
from freehold.civic.answer import Answer
from freehold.civic.index.index import CivicIndex
from freehold.civic.places.joining import is_tribal
from freehold.errors import NotFound, UsageError
from freehold.units import human_bytes

_NUMBER = r"([-+]?)(\d{1,3}(?:\.\d+)?)°?"
_POINT = re.compile(rf"\s*{_NUMBER}\s*([NS]?)\s*[,;\s]\s*{_NUMBER}\s*([EW]?)\s*", re.IGNORECASE)

_STATES = (
    (17.0, 72.0, -180.0, -64.0),
    (51.0, 54.0, 172.0, 180.0),
    (-15.5, -10.5, -172.0, -167.5),
    (12.5, 21.0, 144.0, 147.0),
)
"""South, north, west, east: the mainland with Alaska, Hawaii and the Caribbean; the far Aleutians;
American Samoa; Guam and the Northern Marianas."""

Place = str | tuple[float, float]
"""A ZIP code, or degrees north and east."""


def place(text: str) -> Place:
    """What somebody typed: `03801`, `43.07,-70.76`, `14.27S 170.70W`. Raises UsageError."""
    if match := _POINT.fullmatch(text):
        return _degrees(*match.group(1, 2, 3)), _degrees(*match.group(4, 5, 6))
    if re.fullmatch(r"\s*\d{5}(?:[-\s]?\d{4})?\s*", text):
        return text.strip()
    if re.fullmatch(r"\s*\d{1,4}\s*", text):
        raise UsageError(
            "That is no ZIP code and no point: a ZIP code has five digits.",
            "Zeros in front count: 03801, not 3801.",
        )
    raise UsageError(
        "That is no ZIP code and no point.",
        "A ZIP code has five digits: 03801. A point is latitude and longitude: 43.07,-70.76. A "
        "street address is not looked up: that would have to ask somebody else.",
    )


def _degrees(sign: str, number: str, side: str) -> float:
    negative = (sign == "-") != (side.upper() in {"S", "W"} and bool(side))
    return -float(number) if negative else float(number)


def representatives(home: Path, where: Place) -> Answer:
    """Everyone who represents a place, from the index of this home.

    Raises NotFound when there is no data or no such place in it, UsageError, StorageError. Where
    coordinates look swapped, or west lacks its minus, the hint says so.
    """
    if not (home / INDEX).exists():
        raise NotFound("There is no public data here yet.", what_to_fetch())
    with CivicIndex(home / INDEX) as index:
        if isinstance(where, str):
            answer = index.by_zip(where)
        else:
            try:
                answer = index.by_point(*where)
            except (NotFound, UsageError) as error:
                raise type(error)(error.message, _meant(*where) or error.hint) from None
        notes = (*answer.notes, *_of_tribes(index, answer))
    return replace(answer, notes=notes)


def at_level(answer: Answer, *, federal: bool) -> Answer:
    """Congress alone, or the state's legislature alone."""
    chosen = tuple(one for one in answer.candidates if one.seat.is_federal is federal)
    return replace(answer, candidates=chosen)


def what_to_fetch() -> str:
    """The command that gets the data, and how much that is."""
    from freehold.civic.public_sets import hosts, total, whole_country

    files = whole_country()
    *some, last = hosts(files)
    return (
        f"`freehold act update` fetches it once: {len(files)} files, about "
        f"{human_bytes(total(files))}, from {', '.join(some)} and {last}: members of Congress, "
        "state legislators, ZIP areas, boundaries. `freehold act update --from FOLDER` takes a "
        "copy; with --dry-run it lists each file and its size."
    )


def _meant(latitude: float, longitude: float) -> str | None:
    """What these coordinates were likelier meant to be; None when nothing suggests itself."""
    if _in_states(latitude, longitude):
        return None
    for north, east, why in (
        (latitude, -longitude, "West is negative"),
        (longitude, latitude, "Latitude comes first"),
        (longitude, -latitude, "Latitude comes first, and west is negative"),
    ):
        if _in_states(north, east):
            return f"{why}: did you mean {north:g},{east:g}?"
    return None


def _in_states(latitude: float, longitude: float) -> bool:
    return any(s <= latitude <= n and w <= longitude <= e for s, n, w, e in _STATES)


def _of_tribes(index: CivicIndex, answer: Answer) -> Iterator[str]:
    """Who sits for a tribe: they belong to no district, so they stand apart."""
    states = {one.seat.state for one in answer.candidates if not one.seat.is_federal}
    for state in sorted(states & {"ME"}):
        members = [one for one in index.members(state) if is_tribal(one.seat)]
        if members:
            told = ", ".join(f"{each.name} ({each.seat.district})" for each in members)
            yield f"Tribes have members of their own, wherever their people live: {told}."
