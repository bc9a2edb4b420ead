"""Connections to a llama-server that have had their answer, kept a moment for the next request.

To connect costs both sides more than to ask. llama-server gives each idle connection a thread and
five seconds; we let go of it before that.
"""

from __future__ import annotations

import asyncio

_SECONDS = 2.0


class Spares:
    """Use it from one event loop."""

    def __init__(self) -> None:
        self._idle: list[_Idle] = []
        self._ending: set[asyncio.Transport] = set()

    def take(self) -> asyncio.Transport | None:
        """One that is open, as far as is known."""
        if not self._idle:
            return None
        idle = self._idle.pop()
        idle.until.cancel()
        return idle.transport

    def expect(self, transport: asyncio.Transport) -> None:
        """One whose answer is about to end."""
        self._ending.add(transport)

    def forget(self, transport: asyncio.Transport) -> None:
        """It ended in another way."""
        self._ending.discard(transport)

    def give(self, transport: asyncio.Transport) -> None:
        """Keep it, unless it is closing."""
        self.forget(transport)
        if not transport.is_closing():
            idle = _Idle(self, transport)
            transport.set_protocol(idle)
            self._idle.append(idle)

    def drop(self, idle: _Idle) -> None:
        """Let go of one."""
        if idle in self._idle:
            self._idle.remove(idle)
            idle.until.cancel()
            idle.transport.abort()

    def close(self) -> None:
        """Let go of all."""
        for idle in tuple(self._idle):
            self.drop(idle)
        for transport in self._ending:
            transport.abort()
        self._ending.clear()


class _Idle(asyncio.Protocol):
    """Who listens to a connection on which nothing is to be said."""

    def __init__(self, spares: Spares, transport: asyncio.Transport) -> None:
        self._spares = spares
        self.transport = transport
        self.until = asyncio.get_running_loop().call_later(_SECONDS, spares.drop, self)

    def data_received(self, data: bytes) -> None:
        """Nobody asked."""
        self._spares.drop(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The other side was quicker."""
        self._spares.drop(self)
