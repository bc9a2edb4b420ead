"""One request to a llama-server and its answer, on a bare asyncio protocol.

It speaks HTTP by itself: the engine needs every core for the next token, and each step in Python
between its socket and the client's is time taken from it. Each request has a connection of its
own: closing it is how llama-server is told to stop.
"""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

from freehold.engine.event_stream import Chunks, Lines
from freehold.engine.interface import Piece
from freehold.engine.llama_http import EventReader, refusal
from freehold.errors import EngineError

Lost = Callable[[str], EngineError]
"""What a broken connection means; may take seconds to find out."""


class LlamaConnection(asyncio.Protocol):
    """One request and its answer: either a document or a stream of events for `read`."""

    def __init__(self, message: bytes, lost: Lost, read: EventReader | None) -> None:
        self._message = message
        self._lost = lost
        self._read = read
        self._transport: asyncio.Transport | None = None
        self._wake: asyncio.Future[None] | None = None
        self._head = b""
        self._body = bytearray()
        self._status = 0
        self._chunks: Chunks | None = None
        self._lines = Lines()
        self._pieces: list[Piece] = []
        self._error: Exception | None = None
        self._over = False
        self._closed = False

    async def open(self, address: Any) -> None:
        """Connect and send. Raises what `lost` says when nobody listens."""
        if self._closed:
            return
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
            self._message = self._message[opened.send(self._message) :]
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
            if self._over:
                raise await self._end()
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

    def close(self) -> None:
        """Hang up."""
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
        elif self._message:
            transport.write(self._message)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._status == 0:
            data = self._open_head(data)
        try:
            if self._chunks is not None:
                data = self._chunks.feed(data)
            if self._status != 200 or self._read is None:
                self._body += data
            elif data:
                for line in self._lines.feed(data):
                    self._hear(line, self._read)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            self._error = error
        if self._pieces or self._error:
            self._rouse()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._over = True
        self._rouse()

    def _open_head(self, data: bytes) -> bytes:
        """Read the status once the headers are whole; what follows them is the body."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        self._status = int(head.split(None, 2)[1])
        if b"transfer-encoding: chunked" in head.lower():
            self._chunks = Chunks()
        return rest

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
