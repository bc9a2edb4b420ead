"""uvicorn's HTTP/1.1 that hands files to the system: bytes go from disk to network uncopied.

An application finds `freehold.send_file` in the scope of a request, and calls it after the start of
its answer. Memory stays flat whatever a client takes, and one that takes nothing is let go.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import TYPE_CHECKING, BinaryIO, ClassVar, cast

from freehold.server.patience import PatientHttp
from freehold.transfer.rate import TokenBucket

if TYPE_CHECKING:
    from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

SCOPE = "freehold.send_file"
_PIECE = 8 << 20
"""Bytes in one go, in which time somebody must take them."""
_CAPPED_PIECE = 64 << 10
"""The same under a bandwidth cap: small, so that the flow is even."""


class Connections:
    """How many there are, in all and from each address: a flood from one leaves others room."""

    def __init__(self, most: int = 512, most_from_one: int = 128) -> None:
        self.most, self.most_from_one = most, most_from_one
        self.turned_away = 0
        self._open: Counter[str] = Counter()

    @property
    def total(self) -> int:
        """Those open now."""
        return self._open.total()

    def enter(self, host: str) -> bool:
        """Count one in, if there is room for it."""
        if self.total >= self.most or self._open[host] >= self.most_from_one:
            self.turned_away += 1
            return False
        self._open[host] += 1
        return True

    def leave(self, host: str) -> None:
        """Count one out."""
        self._open[host] -= 1
        if self._open[host] <= 0:
            del self._open[host]


class SendingHttp(PatientHttp):
    """See the module. `sending_http` makes one of its own for each server."""

    connections_open: ClassVar[Connections]
    cap: ClassVar[TokenBucket | None] = None
    piece_seconds: ClassVar[float] = 120.0
    """How long a client may take over one piece."""

    _entered: str | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """Nobody is kept waiting for whom there is no room."""
        super().connection_made(transport)
        host = self.client[0] if self.client else "?"
        if self.connections_open.enter(host):
            self._entered = host
        else:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Its place is free again."""
        super().connection_lost(exc)
        if self._entered is not None:
            self.connections_open.leave(self._entered)
            self._entered = None

    def data_received(self, data: bytes) -> None:
        """Whoever was turned away may have sent something already."""
        if self._entered is not None:
            super().data_received(data)

    def on_headers_complete(self) -> None:
        """Called by the parser: the request's own way to send a file."""
        super().on_headers_complete()
        cast(dict[str, object], self.cycle.scope)[SCOPE] = FileSender(self, self.cycle)


class FileSender:
    """Sends a part of a file as the body of one answer, whose length its headers have told."""

    def __init__(self, http: SendingHttp, cycle: RequestResponseCycle) -> None:
        self._http, self._cycle = http, cycle

    async def __call__(self, file: BinaryIO, begin: int, count: int) -> bool:
        """Send `count` bytes from `begin` on; False when the client went away or took too long.

        The file must have them: one that is shorter breaks the connection, which tells the client.
        """
        cap, done = self._http.cap, 0
        while done < count:
            step = min(_CAPPED_PIECE if cap else _PIECE, count - done)
            if cap is not None:
                await asyncio.sleep(cap.reserve(step))
            sent = await self._piece(file, begin + done, step)
            if sent < step:
                self._cycle.transport.abort()
                return False
            done += sent
        self._cycle.expected_content_length -= count
        return True

    async def _piece(self, file: BinaryIO, begin: int, count: int) -> int:
        """How many bytes went."""
        transport = self._cycle.transport
        if self._cycle.disconnected or transport.is_closing():
            return 0
        try:
            async with asyncio.timeout(self._http.piece_seconds):
                return await self._http.loop.sendfile(transport, file, begin, count)
        except (OSError, TimeoutError, RuntimeError):  # gone, too slow, or gone just before
            return 0


def sending_http(connections: Connections, limit: float | None = None) -> type[SendingHttp]:
    """A protocol class for one server: uvicorn makes one of it for each connection.

    `limit` is in bytes per second, for all of them together; None is no cap.
    """
    cap = TokenBucket(limit) if limit else None
    return type("Sending", (SendingHttp,), {"connections_open": connections, "cap": cap})
