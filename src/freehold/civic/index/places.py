"""What is said of a place: whether it is one, and what is not sure about it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping, Sequence

from freehold.civic.answer import Candidate
from freehold.civic.people.words import body
from freehold.civic.places.rings import METRES, SCALE
from freehold.civic.places.states import NAMES
from freehold.civic.seat import Chamber, Seat
from freehold.errors import UsageError

ON_A_LINE = (
    "This point is so near to a line between districts that the boundaries here cannot decide: "
    "both sides are listed. Full boundaries (freehold act update --state XX) are exact to a metre."
)


def zip_code(text: str) -> str:
    """Five digits of a ZIP code. Raises UsageError."""
    match = re.fullmatch(r"\s*([0-9]{5})(?:[-\s]?[0-9]{4})?\s*", text)
    if match is None:
        raise UsageError(
            "That is no ZIP code.",
            "It has five digits, such as 03801; the four after are left aside.",
        )
    return match[1]


def check_point(latitude: float, longitude: float) -> None:
    """Raises UsageError for numbers that are no point, or that look swapped."""
    swapped = "Latitude comes first: 43.07,-70.76. West is negative."
    if not (math.isfinite(latitude) and math.isfinite(longitude)):
        raise UsageError("These are no coordinates.", swapped)
    if not -90 <= latitude <= 90 or not -180 <= longitude <= 180:
        raise UsageError("No place has these coordinates.", swapped)


def reach(y: int, metres: float) -> tuple[int, int]:
    """So many units north, and east, are that many metres at a latitude."""
    up = metres / METRES
    squeeze = max(0.05, math.cos(math.radians(y / SCALE)))
    return math.ceil(up), math.ceil(up / squeeze)


def nowhere(place: str, have: Mapping[str, Sequence[Chamber]]) -> tuple[str, str]:
    """The error for a point in no district."""
    states = ", ".join(have) or "none"
    return (
        "No district here holds this point: it is at sea, abroad, or in a state not fetched yet.",
        (
            f"Boundaries are here for {states}: freehold act update --state XX. 43.07,-70.76 is "
            "how a point is written: latitude first, west negative."
        ),
    )


def no_such_zip(code: str, *, has_tables: bool) -> tuple[str, str]:
    """The error for a ZIP code that no table has."""
    if not has_tables:
        return (
            "There is no table of ZIP codes here.",
            "freehold act update fetches it; coordinates work without it.",
        )
    return (
        f"The tables have no area for {code}.",
        (
            "They leave out post-office boxes, single buildings and new codes. Use a neighbouring "
            "street's code, or coordinates: freehold act reps 43.07,-70.76"
        ),
    )


def split_notes(code: str, states: Sequence[str], found: Iterable[Candidate]) -> list[str]:
    """What to know when a ZIP area lies in several districts."""
    notes = []
    split: dict[str, int] = {}
    for candidate in found:
        if not candidate.is_certain:
            name = body(candidate.seat)
            split[name] = split.get(name, 0) + 1
    if split:
        listed = ", ".join(f"{count} of the {name}" for name, count in split.items())
        notes.append(
            f"{code} lies in several districts: {listed}. Where you live decides: give coordinates "
            "(freehold act reps 43.07,-70.76) or choose a point on the map (freehold act reps "
            "--map); neither leaves this machine."
        )
    if len(states) > 1:
        notes.append(f"{code} crosses a state line: {' and '.join(NAMES[s] for s in states)}.")
    return notes


def without_senators(state: str) -> str:
    """Why no senators are listed."""
    return (
        f"{NAMES[state]} has no senators in Congress, and one member of the House, who may speak "
        "and sit on committees but not vote on the floor."
    )


def undecided(state: str, chamber: Chamber, count: int, *, has_map: bool) -> str:
    """Why nobody of a chamber is listed."""
    name = body(Seat(chamber, state)).lower().replace("us house", "US House")
    said = f"Which of the {count} districts of the {name} it is cannot be told by a ZIP code here: "
    if has_map:
        return said + "coordinates (freehold act reps 43.07,-70.76) or the map decide."
    return (
        f"{said}freehold act update --state {state} fetches {NAMES[state]}'s boundaries, and "
        "coordinates or the map then decide."
    )


def no_legislators(state: str) -> str:
    """Why nobody of a state's own legislature is listed."""
    return (
        f"The members of {NAMES[state]}'s own legislature are not in the data here: "
        "freehold act update fetches them, where anybody publishes them."
    )


def floterial_note(over: Sequence[Seat]) -> str:
    """What districts over others are."""
    return (
        f"{NAMES[over[0].state]} also has districts that lie over several of these (floterial). No "
        "map of them is published: every one of the county is listed, and your town's page or "
        "clerk says which is yours."
    )
