"""HTTP to a llama-server, over a Unix socket or loopback TCP: ask once, or read a streamed answer.

Each request has a connection of its own: closing it is how llama-server is told to stop. This
doesn't know processes; `lost` tells it what a broken connection means.
"""

from __future__ import annotations

import json
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Self
from urllib.parse import urlsplit

from freehold.engine.context_room import too_long
from freehold.engine.event_stream import payloads
from freehold.engine.exchange import Exchange
from freehold.engine.interface import Finished, Piece
from freehold.errors import EngineError, RequestRefused

EventReader = Callable[[dict[str, Any]], Iterable[Piece]]
"""What makes pieces of an answer out of one event."""

Refusal = Callable[[bytes], EngineError]
"""What makes an error out of a document that says one."""

_TOO_LARGE = re.compile(r"input \((\d+) tokens\) is too large.*batch size: (\d+)")
"""What is said of a text for a vector that does not fit: it is computed in one batch."""

_BROKEN = (OSError, ValueError)
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
            status, blocks = connection.answer()
            content = b"".join(blocks)
        except _BROKEN as error:
            raise self._lost("answering") from error
        finally:
            connection.stop()
        if status != 200:
            raise self._refuse(content)
        return json.loads(content)

    def stream(self, path: str, body: dict[str, Any], read: EventReader) -> HttpAnswer:
        """POST a body; the answer is what `read` makes of each event that comes back."""
        return HttpAnswer(self._send(path, body), read, self._lost, self._refuse)

    def _send(self, path: str, body: dict[str, Any] | None) -> Exchange:
        headers = {"Content-Type": "application/json"}
        if self._key:
            headers["Authorization"] = f"Bearer {self._key}"
        try:
            connection = Exchange(self._address)
        except OSError as error:
            raise self._lost("answering") from error
        try:
            connection.send(path, None if body is None else json.dumps(body).encode(), headers)
        except OSError as error:
            connection.stop()
            raise self._lost("answering") from error
        return connection


class HttpAnswer:
    """An answer that arrives as server-sent events. See `interface.Answer`."""

    def __init__(
        self,
        connection: Exchange,
        read: EventReader,
        lost: Callable[[str], EngineError],
        refuse: Refusal,
    ) -> None:
        self._connection = connection
        self._read = read
        self._lost = lost
        self._refuse = refuse
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
        self._connection.stop()

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
        status, blocks = self._connection.answer()
        if status != 200:
            raise self._refuse(b"".join(blocks))
        yield from blocks


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
