"""HTTP to a llama-server, over a Unix socket or loopback TCP: ask once, or read a streamed answer.

Each request has a connection of its own: closing it is how llama-server is told to stop. This
doesn't know processes; `lost` tells it what a broken connection means.
"""

from __future__ import annotations

import json
import re
import socket
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial
from http.client import HTTPConnection, HTTPException, HTTPResponse
from itertools import chain
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from freehold.engine.context_room import too_long
from freehold.engine.event_stream import payloads, unchunked
from freehold.engine.interface import Finished, Piece
from freehold.errors import EngineError, RequestRefused

EventReader = Callable[[dict[str, Any]], Iterable[Piece]]
"""What makes pieces of an answer out of one event."""

Refusal = Callable[[bytes], EngineError]
"""What makes an error out of a document that says one."""

_MOST = 8192  # bytes to take at once: an event has about 300

_TOO_LARGE = re.compile(r"input \((\d+) tokens\) is too large.*batch size: (\d+)")
"""What is said of a text for a vector that does not fit: it is computed in one batch."""

_BROKEN = (OSError, HTTPException, ValueError)
"""What reading from a server raises when it goes in mid-sentence, or we close in mid-read."""


class LlamaServer:
    """Where a llama-server listens, and how to talk to it."""

    def __init__(
        self,
        address: str,
        key: str | None,
        lost: Callable[[str], EngineError],
        refuse: Refusal | None = None,
    ) -> None:
        """`refuse` reads an error document, where it isn't llama-server's own."""
        self._address = urlsplit(address)
        self._key = key
        self._lost = lost
        self._refuse = refuse or refusal

    def ask(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """GET, or POST a body, and return the JSON of the answer. Raises EngineError."""
        connection = self._send(path, body)
        try:
            response = connection.getresponse()
            content = response.read()
        except _BROKEN as error:
            raise self._lost("answering") from error
        finally:
            connection.close()
        if response.status != 200:
            raise self._refuse(content)
        return json.loads(content)

    def stream(self, path: str, body: dict[str, Any], read: EventReader) -> HttpAnswer:
        """POST a body; the answer is what `read` makes of each event that comes back."""
        return HttpAnswer(self._send(path, body), read, self._lost, self._refuse)

    def _send(self, path: str, body: dict[str, Any] | None) -> HTTPConnection:
        connection: HTTPConnection
        if self._address.scheme == "unix":
            connection = _UnixConnection(unquote(self._address.path))
        else:
            connection = HTTPConnection(self._address.hostname or "127.0.0.1", self._address.port)
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            if body is None:
                connection.request("GET", path, headers=headers)
            else:
                connection.request("POST", path, json.dumps(body).encode(), headers)
        except OSError as error:
            connection.close()
            raise self._lost("answering") from error
        return connection


class HttpAnswer:
    """An answer that arrives as server-sent events. See `interface.Answer`."""

    def __init__(
        self,
        connection: HTTPConnection,
        read: EventReader,
        lost: Callable[[str], EngineError],
        refuse: Refusal,
    ) -> None:
        self._connection = connection
        self._socket = connection.sock  # http.client lets go of it once an answer has begun
        self._read = read
        self._lost = lost
        self._refuse = refuse
        self._response: HTTPResponse | None = None
        self._events = payloads(self._blocks())
        self._waiting: deque[Piece] = deque()
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Piece:
        if self._closed and not self._waiting:
            raise StopIteration
        try:
            while not self._waiting:
                self._waiting.extend(self._next_pieces())
        except BaseException:
            stopped = self._closed
            self.close()
            if stopped:  # by another thread, while we waited
                raise StopIteration from None
            raise
        piece = self._waiting.popleft()
        if isinstance(piece, Finished):
            self.close()
        return piece

    def close(self) -> None:
        """Hang up; the server stops its work."""
        self._closed = True
        with suppress(OSError):  # not connected any more
            self._socket.shutdown(socket.SHUT_RDWR)
        if self._response is not None:
            self._response.close()
        self._connection.close()

    def __del__(self) -> None:
        if hasattr(self, "_closed"):
            self.close()

    def _next_pieces(self) -> Iterable[Piece]:
        try:
            data = next(self._events, b"[DONE]")
        except _BROKEN as error:
            raise self._lost("answering") from error
        if data == b"[DONE]":  # our reader should have seen the end before
            raise self._lost("answering")
        event = json.loads(data)
        if "error" in event:
            raise self._refuse(data)
        return self._read(event)

    def _blocks(self) -> Iterator[bytes]:
        response = self._response = self._connection.getresponse()
        if response.status != 200:
            raise self._refuse(response.read())
        if not response.chunked:
            yield from iter(partial(response.read1, _MOST), b"")
            return
        came_with_the_headers = response.fp.read1(_MOST)
        more = iter(partial(self._socket.recv, _MOST), b"")
        yield from unchunked(chain([came_with_the_headers], more))


class _UnixConnection(HTTPConnection):
    """HTTP over a Unix socket."""

    def __init__(self, path: str) -> None:
        super().__init__("localhost")
        self._path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.connect(self._path)


def refusal(content: bytes) -> EngineError:
    """A llama-server error document as one of our errors."""
    try:
        error = json.loads(content)["error"]
    except (ValueError, KeyError, TypeError):
        return EngineError(f"The engine answered with something unexpected: {content[:200]!r}.")
    if error.get("type") == "exceed_context_size_error":
        return too_long(error["n_prompt_tokens"], error["n_ctx"])
    message = str(error.get("message", "no reason given")).strip().splitlines()
    if (large := _TOO_LARGE.search(" ".join(message))) is not None:
        return too_long(int(large[1]), int(large[2]))
    kind = RequestRefused if error.get("code") == 400 else EngineError
    return kind(f"llama.cpp refused the request: {' '.join(message).rstrip('.')}.")
