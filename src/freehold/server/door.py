"""What every request passes before a protocol sees it: whose page, whose key, how much."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from freehold.server.admission import Admission, KeyRing
from freehold.server.limits import Limited, Limits
from freehold.server.same_machine import OwnHosts

if TYPE_CHECKING:
    from starlette.types import ASGIApp

    from freehold.server.refusal import Refuse


@dataclass(frozen=True)
class Door:
    """How far it is open."""

    ring: KeyRing
    always_a_key: bool = False
    """Even where none was ever made: wherever other machines can reach the server."""
    names: tuple[str, ...] = ()
    """Names of this server beside those of loopback."""
    origins: tuple[str, ...] = ()
    """Whose pages may speak to it beside its own."""
    limits: Limits = field(default_factory=Limits)


def guarded(app: ASGIApp, door: Door, refuse: Refuse) -> ASGIApp:
    """The application behind its door."""
    limited = Limited(app, refuse, door.limits)
    admitted = Admission(limited, refuse, door.ring, always=door.always_a_key)
    return OwnHosts(admitted, refuse, door.names, door.origins)
