"""How much of what an owner needs is in the index, counted from the index itself."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from freehold.civic.index.index import CivicIndex
from freehold.civic.people.member import Member
from freehold.civic.places.joining import FLOTERIAL, is_everywhere, is_tribal
from freehold.civic.seat import Chamber, Seat

CONGRESS = "Congress"


@dataclass(frozen=True)
class Left:
    """A seat that somebody holds and that no boundary here leads to."""

    seat: Seat
    why: str | None
    """Where it is known: `filled by a tribe`, `lies over other districts`."""


@dataclass(frozen=True)
class Coverage:
    """What is known of one legislature."""

    of: str
    """Two letters of a state, or `Congress`."""
    members: int
    with_phone: int
    """Of a public office: a number at home doesn't count."""
    with_writing: int
    """An e-mail address or a contact form."""
    without_phone: tuple[str, ...]
    """Their names."""
    seats: int
    """Districts that somebody sits for, in chambers whose boundaries are here."""
    joined: int
    """How many of those a point leads to: by a boundary, or as the whole state."""
    left: tuple[Left, ...]
    empty: tuple[Seat, ...]
    """Districts that have a boundary and nobody who sits for them: vacant, or named otherwise."""


def coverage_of(index: CivicIndex, states: Iterable[str] = ()) -> tuple[Coverage, ...]:
    """Congress, and each legislature that is in the index; of these states alone, if any."""
    wanted = frozenset(states)
    by_legislature: dict[str, list[Member]] = {}
    for member in index.members():
        if not wanted or member.seat.state in wanted:
            name = CONGRESS if member.seat.is_federal else member.seat.state
            by_legislature.setdefault(name, []).append(member)
    drawn = {
        (state, chamber)
        for state, chambers in index.states_with_boundaries().items()
        for chamber in chambers
    }
    mapped = index.mapped_seats()
    order = sorted(by_legislature, key=lambda name: (name != CONGRESS, name))
    return tuple(_coverage(name, by_legislature[name], drawn, mapped, wanted) for name in order)


def _coverage(
    name: str,
    members: list[Member],
    drawn: set[tuple[str, Chamber]],
    mapped: frozenset[Seat],
    states: frozenset[str],
) -> Coverage:
    held = {member.seat for member in members}
    seats = {seat for seat in held if (seat.state, seat.chamber) in drawn}
    left = [Left(seat, _why(seat)) for seat in seats - mapped if not is_everywhere(seat)]
    silent = sorted(member.name for member in members if not _phones(member))
    empty = [
        seat
        for seat in mapped - held
        if (seat.is_federal if name == CONGRESS else seat.state == name and not seat.is_federal)
        and (not states or seat.state in states)
    ]
    return Coverage(
        of=name,
        members=len(members),
        with_phone=len(members) - len(silent),
        with_writing=sum(bool(member.email or member.contact_form) for member in members),
        without_phone=tuple(silent),
        seats=len(seats),
        joined=len(seats) - len(left),
        left=tuple(sorted(left, key=lambda one: one.seat)),
        empty=tuple(sorted(empty)),
    )


def _phones(member: Member) -> bool:
    return any(office.phone for office in member.public_offices)


def _why(seat: Seat) -> str | None:
    if is_tribal(seat):
        return "filled by a tribe, wherever its members live"
    if (seat.state, seat.chamber) in FLOTERIAL:
        return "lies over other districts (floterial); no map of it is published"
    return None
