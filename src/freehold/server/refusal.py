"""How a request is turned away at the door, before any protocol has seen it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.server.problem import Problem

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Scope

Refuse = Callable[["Scope", Problem], "ASGIApp"]
"""Makes the answer out of a problem, in the shape of the protocol that the path belongs to."""


def header(scope: Scope, name: bytes) -> str | None:
    """The one value of a header; None when it is missing. Two that differ are none at all."""
    found = {value for key, value in scope["headers"] if key == name}
    return found.pop().decode("latin-1") if len(found) == 1 else None
