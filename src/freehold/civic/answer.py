"""Who represents a place, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from freehold.civic.people.member import Member
from freehold.civic.seat import Seat


@dataclass(frozen=True)
class DataAge:
    """One data set that an answer rests on."""

    title: str
    as_of: date
    """The day it was published or fetched, whichever is known to be earlier."""
    expires: date | None = None
    """From when on it must be doubted."""
    why: str | None = None
    """What makes it expire: `470 terms end`, `maps were redrawn`."""


@dataclass(frozen=True)
class Candidate:
    """A district in which the place lies, or may lie."""

    seat: Seat
    members: tuple[Member, ...]
    """Everyone elected there; none when the seat is vacant or the data has nobody."""
    share: float | None = None
    """How much of the ZIP area's land lies in it, 0 to 1. None where that is not known."""
    is_certain: bool = True
    """Whether the place surely lies in it."""


@dataclass(frozen=True)
class Answer:
    """Everyone who represents a place."""

    place: str
    """As it was asked: for the screen alone, never kept."""
    candidates: tuple[Candidate, ...]
    """Congress first, then the state; the likeliest of each chamber first."""
    notes: tuple[str, ...] = ()
    """What the owner should know: how to decide a split ZIP, what is missing and how to get it."""
    data: tuple[DataAge, ...] = ()

    @property
    def is_exact(self) -> bool:
        """Whether nothing is left to decide."""
        return all(candidate.is_certain for candidate in self.candidates)
