"""How much one client may ask: bytes in a request, requests in a minute, requests at once.

And how long it may take to say it: a client that dribbles its request byte by byte holds nothing
but its own connection, and that not for long.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict
from dataclasses import dataclass

from freehold.server.asgi import App, Message, Receive, Scope, Send, header, refuse

_CLIENTS = 10_000
"""Clients that are remembered; the one not seen for longest is forgotten first."""


@dataclass(frozen=True)
class Limits:
    """What one client may do."""

    body_bytes: int = 64_000_000
    body_seconds: float = 60.0
    """For the whole body, from the first byte of the request."""
    per_minute: int = 1200
    burst: int = 200
    """Requests that may come in one go before the rate counts."""
    at_once: int = 64


class _Allowance:
    """A token bucket: `burst` at first, refilled at the rate."""

    __slots__ = ("left", "running", "seen")

    def __init__(self, burst: int, now: float) -> None:
        self.left, self.seen, self.running = float(burst), now, 0


class Limited:
    """Keeps each client, by key or else by address, within its limits."""

    def __init__(self, app: App, limits: Limits) -> None:
        self._app, self._limits = app, limits
        self._clients: OrderedDict[str, _Allowance] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        stated = header(scope, b"content-length")
        if stated and stated.isdigit() and int(stated) > self._limits.body_bytes:
            await self._too_large(scope, send, int(stated))
            return
        allowance = self._allowance(scope)
        if (wait := self._take(allowance)) > 0:
            await refuse(
                scope,
                send,
                429,
                f"Too many requests: {self._limits.per_minute} a minute are allowed.",
                headers=[(b"retry-after", str(max(1, round(wait))).encode())],
            )
            return
        if allowance.running >= self._limits.at_once:
            await refuse(
                scope,
                send,
                429,
                f"Too many requests at once: {self._limits.at_once} are allowed.",
                headers=[(b"retry-after", b"1")],
            )
            return
        allowance.running += 1
        try:
            await self._within(scope, receive, send)
        finally:
            allowance.running -= 1

    async def _within(self, scope: Scope, receive: Receive, send: Send) -> None:
        body = _Body(receive, self._limits)
        started = False

        async def watched(message: Message) -> None:
            nonlocal started
            started = True
            await send(message)

        try:
            await self._app(scope, body.receive, watched)
        except _TooLarge:
            if not started:
                await self._too_large(scope, send, body.seen)
        except _TooSlow:
            if not started:
                seconds = self._limits.body_seconds
                await refuse(scope, send, 408, f"The request took longer than {seconds:g} seconds.")

    async def _too_large(self, scope: Scope, send: Send, size: int) -> None:
        most = self._limits.body_bytes
        await refuse(
            scope,
            send,
            413,
            f"The request has {size:,} bytes or more; {most:,} are allowed.",
            headers=[(b"connection", b"close")],
        )

    def _allowance(self, scope: Scope) -> _Allowance:
        key = scope.get("state", {}).get("key")
        who = key.id if key is not None else str((scope.get("client") or ("?",))[0])
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


class _TooLarge(Exception): ...


class _TooSlow(Exception): ...


class _Body:
    """Receives a request's body, counting bytes and time; afterwards, whatever comes."""

    def __init__(self, receive: Receive, limits: Limits) -> None:
        self._receive, self._limits = receive, limits
        self._until = time.monotonic() + limits.body_seconds
        self._complete = False
        self.seen = 0

    async def receive(self) -> Message:
        if self._complete:
            return await self._receive()
        try:
            async with asyncio.timeout(self._until - time.monotonic()):
                message = await self._receive()
        except TimeoutError:
            raise _TooSlow from None
        if message["type"] == "http.request":
            self.seen += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self.seen > self._limits.body_bytes:
                raise _TooLarge
        return message
