"""uvicorn's HTTP/1.1, with an end to its patience: headers must arrive within a time and a size.

uvicorn closes idle connections between requests; one that sends its headers letter by letter, or
headers without end, it would wait for for ever.
"""

from __future__ import annotations

import asyncio
import re
from typing import ClassVar

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

_UPGRADE = re.compile(rb"\r\nupgrade:", re.IGNORECASE)
_TOO_LARGE = (
    b"HTTP/1.1 431 Request Header Fields Too Large\r\n"
    b"content-length: 0\r\nconnection: close\r\n\r\n"
)


class PatientHttp(HttpToolsProtocol):
    """Closes a connection whose next request is not begun, headers and all, in time."""

    header_seconds: ClassVar[float] = 15.0
    header_bytes: ClassVar[int] = 64 * 1024

    _deadline: asyncio.TimerHandle | None = None
    _head = 0
    """Bytes of headers that have come and are not whole yet."""
    _in_body = False

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        """The first request is waited for from now on."""
        super().connection_made(transport)
        self._arm()

    def data_received(self, data: bytes) -> None:
        """More letters of a header gain no more time; a whole header ends the wait."""
        if not self._in_body:
            self._head += len(data)
            data = _without_upgrade(data)
        super().data_received(data)
        if self._in_body or self._answering():
            self._disarm()
        elif self._head > self.header_bytes:
            self.transport.write(_TOO_LARGE)
            self.transport.close()
        else:
            self._arm()

    def on_headers_complete(self) -> None:
        """Called by the parser."""
        self._head, self._in_body = 0, True
        super().on_headers_complete()

    def on_message_complete(self) -> None:
        """Called by the parser: what comes next is another request's headers."""
        self._in_body = False
        super().on_message_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        """Nothing is waited for any more."""
        self._disarm()
        super().connection_lost(exc)

    def _answering(self) -> bool:
        # None before the first request, whatever uvicorn's types say
        return self.cycle is not None and not self.cycle.response_complete  # type: ignore[redundant-expr]

    def _arm(self) -> None:
        if self._deadline is None:
            self._deadline = self.loop.call_later(self.header_seconds, self._give_up)

    def _disarm(self) -> None:
        if self._deadline is not None:
            self._deadline.cancel()
            self._deadline = None

    def _give_up(self) -> None:
        self._deadline = None
        if not self._in_body and not self._answering() and not self.transport.is_closing():
            self.transport.close()


def _without_upgrade(data: bytes) -> bytes:
    """Nothing here is upgraded. Clients that offer it (Java's, to HTTP/2) mean their body to be
    read all the same, which the parser would not.
    """
    end = data.find(b"\r\n\r\n")
    if end < 0:
        end = len(data)
    if _UPGRADE.search(data, 0, end) is None:
        return data
    return _UPGRADE.sub(b"\r\nx-upgrade:", data[:end]) + data[end:]
