"""Someone who holds office, and how to reach them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from freehold.civic.seat import Seat

SWITCHBOARD = 3
"""A number that more members have than this is a switchboard: one asks for a name."""


class OfficeKind(StrEnum):
    """What an office is for."""

    CAPITOL = "capitol"
    DISTRICT = "district"
    OTHER = "other"
    HOME = "home"
    """Where somebody lives: kept apart, never shown unless it is asked for by name."""


@dataclass(frozen=True)
class Office:
    """One place where a member, or their staff, can be reached."""

    kind: OfficeKind
    address: str | None = None
    """One line."""
    city: str | None = None
    phone: str | None = None
    """Ten digits as `202-224-3441`, with ` ext. 12` behind where there is one."""
    fax: str | None = None
    hours: str | None = None
    shared_by: int = 1
    """How many members of this legislature have this very number: a switchboard, when many."""

    @property
    def is_switchboard(self) -> bool:
        """Whether one has to ask for somebody there."""
        return self.shared_by > SWITCHBOARD


@dataclass(frozen=True)
class Member:
    """One member of Congress or of a state legislature."""

    id: str
    """A bioguide id or an Open Civic Data id."""
    name: str
    family_name: str
    seat: Seat
    title: str
    """`Senator`, `Representative`, `Delegate`, `Assembly member`: as they are addressed."""
    party: str
    offices: tuple[Office, ...] = ()
    """Public ones first: the capitol's, then the district's."""
    email: str | None = None
    contact_form: str | None = None
    website: str | None = None
    committees: tuple[str, ...] = ()
    term_end: date | None = None

    @property
    def public_offices(self) -> tuple[Office, ...]:
        """Every office but a home."""
        return tuple(office for office in self.offices if office.kind is not OfficeKind.HOME)
