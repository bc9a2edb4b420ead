"""One request to a llama-server and its answer, on a bare asyncio protocol.

It speaks HTTP by itself: the engine needs every core for the next token, and each step in Python
between its socket and the client's is time taken from it. Closing a connection is how llama-server
is told to stop; one whose answer came to its end is kept for a moment, for the next request.
"""

from __future__ import annotations

import asyncio
import json
import re
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from freehold.engine.event_stream import Chunks, Lines
from freehold.engine.interface import Piece
from freehold.engine.llama_http import EventReader, refusal
from freehold.engine.llama_spares import Spares
from freehold.errors import EngineError

_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)")

Lost = Callable[[str], EngineError]
"""What a broken connection means; may take seconds to find out."""


class LlamaConnection(asyncio.Protocol):
    """One request and its answer: either a document or a stream of events for `read`."""

    def __init__(
        self,
        message: bytes,
        lost: Lost,
        read: EventReader | None,
        spares: Spares | None = None,
    ) -> None:
        """`spares` for a request that doesn't ask for its connection to be closed."""
        self._message = message
        self._lost = lost
        self._read = read
        self._spares = spares
        self._rest = message
        """What of it is still to be sent."""
        self._address: Any = None
        self._reused = False
        self._transport: asyncio.Transport | None = None
        self._wake: asyncio.Future[None] | None = None
        self._head = b""
        self._body = bytearray()
        self._status = 0
        self._length: int | None = None
        self._chunks: Chunks | None = None
        self._lines = Lines()
        self._pieces: list[Piece] = []
        self._error: Exception | None = None
        self._over = False
        self._closed = False
        self._released = False

    async def open(self, address: Any) -> None:
        """Connect and send. Raises what `lost` says when nobody listens."""
        if self._closed:
            return
        self._address = address
        if self._spares is not None and (spare := self._spares.take()) is not None:
            self._reused = True
            spare.set_protocol(self)
            self.connection_made(spare)
        else:
            await self._connect()

    async def _connect(self) -> None:
        address = self._address
        loop = asyncio.get_running_loop()
        try:
            if address.scheme == "unix":
                await self._open_unix(unquote(address.path))
            else:
                await loop.create_connection(lambda: self, address.hostname, address.port)
        except OSError as error:
            raise await asyncio.to_thread(self._lost, "answering") from error

    async def _open_unix(self, path: str) -> None:
        """A Unix socket connects at once or not at all, and takes the request at once: the engine
        has it while the loop is still busy with the next.
        """
        loop = asyncio.get_running_loop()
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.setblocking(False)
        try:
            opened.connect(path)
            self._rest = self._message[opened.send(self._message) :]
        except BlockingIOError:  # its queue is full: this waits for a place in it
            opened.close()
            await loop.create_unix_connection(lambda: self, path)
            return
        except BaseException:
            opened.close()
            raise
        await loop.create_unix_connection(lambda: self, sock=opened)

    async def pieces(self) -> list[Piece]:
        """Those that have come; waits for one. None at all when it was closed."""
        while not self._pieces:
            if self._closed:
                return []
            if self._error is not None:
                raise self._error
            if self._over and self._reused and self._status == 0:  # it was closed as we asked
                self._over = self._reused = False
                self._rest = self._message
                await self._connect()
            elif self._over:
                raise await self._end()
            else:
                await self._wait()
        pieces, self._pieces = self._pieces, []
        return pieces

    async def document(self) -> bytes:
        """The whole body. Raises EngineError when it is an error."""
        while not self._over:
            await self._wait()
        if self._status != 200:
            raise await self._end()
        return bytes(self._body)

    def release(self) -> None:
        """All was said that was wanted: keep the connection for the next request, once it ends."""
        self._closed = self._released = True
        self._pass_on()

    def close(self) -> None:
        """Hang up, unless it was released."""
        if self._released:
            return
        self._closed = True
        if self._transport is not None:
            self._transport.abort()
        self._rouse()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        if self._closed:
            transport.abort()
        elif self._rest:
            transport.write(self._rest)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._status == 0:
            data = self._open_head(data)
        try:
            if self._chunks is not None:
                data = self._chunks.feed(data)
            if self._status != 200 or self._read is None:
                self._body += data
                self._over = self._length is not None and len(self._body) >= self._length
            elif data:
                for line in self._lines.feed(data):
                    self._hear(line, self._read)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            self._error = error
        if self._released:
            self._pass_on()
        elif self._pieces or self._error or self._over:
            self._rouse()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._over = True
        if self._released and self._spares is not None and self._transport is not None:
            self._spares.forget(self._transport)
        self._rouse()

    def _open_head(self, data: bytes) -> bytes:
        """Read the status once the headers are whole; what follows them is the body."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        self._status = int(head.split(None, 2)[1])
        head = head.lower()
        if b"transfer-encoding: chunked" in head:
            self._chunks = Chunks()
        elif length := _LENGTH.search(head):
            self._length = int(length[1])
        if b"connection: close" in head:
            self._spares = None
        return rest

    def _pass_on(self) -> None:
        """Give the connection away when its answer is whole, or close it where nobody takes it."""
        assert self._transport is not None  # noqa: S101 - something has come by it
        if self._spares is None:
            self._transport.abort()
        elif self._chunks is not None and self._chunks.ended:
            self._spares.give(self._transport)
        else:
            self._spares.expect(self._transport)

    def _hear(self, line: bytes, read: EventReader) -> None:
        if line == b"[DONE]":
            return
        event = json.loads(line)
        if "error" in event:
            self._error = refusal(line)
        else:
            self._pieces += read(event)

    async def _end(self) -> EngineError:
        """Why the connection has ended without what was waited for."""
        if self._status not in {0, 200}:
            return refusal(bytes(self._body))
        return await asyncio.to_thread(self._lost, "answering")

    async def _wait(self) -> None:
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)
