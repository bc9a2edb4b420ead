"""How much one client may ask: requests in a minute, requests at once.

And how long it may take to say it: a client that dribbles its request byte by byte holds nothing
but its own connection, and that not for long. How large a request may be is the endpoint's matter.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.server.problem import Problem, TooSlow
from freehold.server.refusal import Refuse

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_CLIENTS = 10_000
"""Clients that are remembered; the one not seen for longest is forgotten first."""


@dataclass(frozen=True)
class Limits:
    """What one client may do."""

    body_seconds: float = 60.0
    """For the whole body, from the first byte of the request."""
    per_minute: int = 12_000
    burst: int = 1000
    """Requests that may come in one go before the rate counts."""
    at_once: int = 64


class _Allowance:
    """A token bucket: `burst` at first, refilled at the rate."""

    __slots__ = ("left", "running", "seen")

    def __init__(self, burst: int, now: float) -> None:
        self.left, self.seen, self.running = float(burst), now, 0


class Limited:
    """Keeps each client, by key or else by address, within its limits."""

    def __init__(self, app: ASGIApp, refuse: Refuse, limits: Limits) -> None:
        self._app, self._refuse, self._limits = app, refuse, limits
        self._clients: OrderedDict[str, _Allowance] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowance = self._allowance(scope)
        if problem := self._problem(allowance):
            await self._refuse(scope, problem)(scope, receive, send)
            return
        allowance.running += 1
        try:
            await self._app(scope, _Hurried(receive, self._limits.body_seconds), send)
        finally:
            allowance.running -= 1

    def _problem(self, allowance: _Allowance) -> Problem | None:
        if (wait := self._take(allowance)) > 0:
            return Problem(
                429,
                "rate_limit",
                f"Too many requests: {self._limits.per_minute} a minute are allowed.",
                retry_seconds=max(1, round(wait)),
            )
        if allowance.running >= self._limits.at_once:
            return Problem(
                429,
                "too_many_at_once",
                f"Too many requests at once: {self._limits.at_once} are allowed.",
                retry_seconds=1,
            )
        return None

    def _allowance(self, scope: Scope) -> _Allowance:
        who = scope.get("freehold.owner") or str((scope.get("client") or ("?",))[0])
        found = self._clients.get(who)
        if found is None:
            found = self._clients[who] = _Allowance(self._limits.burst, time.monotonic())
            while len(self._clients) > _CLIENTS:
                self._clients.popitem(last=False)
        self._clients.move_to_end(who)
        return found

    def _take(self, allowance: _Allowance) -> float:
        """Seconds to wait before a request is allowed; 0: it is, and it has been counted."""
        now, rate = time.monotonic(), self._limits.per_minute / 60
        gained = (now - allowance.seen) * rate
        allowance.left = min(float(self._limits.burst), allowance.left + gained)
        allowance.seen = now
        if allowance.left < 1:
            return (1 - allowance.left) / rate
        allowance.left -= 1
        return 0.0


class _Hurried:
    """Receives a request's body in a limited time; afterwards, whatever comes whenever it comes."""

    def __init__(self, receive: Receive, seconds: float) -> None:
        self._receive, self._seconds = receive, seconds
        self._until = time.monotonic() + seconds
        self._complete = False

    async def __call__(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(self._until - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            raise TooSlow(self._seconds) from None
        self._complete = not message.get("more_body", False)
        return message
