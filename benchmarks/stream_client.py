"""A client that costs little: one thread, many streamed chats at once, over TCP or a Unix socket.

What it takes itself is taken from the engine, and the same for whatever it talks to.
"""

from __future__ import annotations

import json
import re
import selectors
import socket
import time
from dataclasses import dataclass

_FIRST_TEXT = re.compile(rb'"content":"[^"]')
_CACHED = re.compile(rb'"cached_tokens":(\d+)')
_COUNT = re.compile(rb'"completion_tokens":(\d+)')


@dataclass
class Streamed:
    """One streamed chat: seconds on this process's clock."""

    sent: float
    first: float = 0.0
    last: float = 0.0
    tokens: int = 0
    cached: int = 0
    """Tokens of the prompt that were not read again, as far as the server says."""


class StreamFailed(Exception):
    """An answer that was no stream."""


def chats(address: str, bodies: list[dict[str, object]], key: str = "none") -> list[Streamed]:
    """Ask all at once and read every answer to its end."""
    selector = selectors.DefaultSelector()
    streams = []
    for body in bodies:
        connection = _connect(address)
        content = json.dumps(body).encode()
        head = (
            "POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
            f"Authorization: Bearer {key}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n\r\n"
        )
        stream = Streamed(time.perf_counter())
        connection.sendall(head.encode() + content)
        selector.register(connection, selectors.EVENT_READ, (stream, bytearray()))
        streams.append(stream)
    while selector.get_map():
        for ready, _ in selector.select():
            assert isinstance(ready.fileobj, socket.socket)
            _read(selector, ready.fileobj, *ready.data)
    selector.close()
    return streams


def _read(
    selector: selectors.BaseSelector, connection: socket.socket, stream: Streamed, seen: bytearray
) -> None:
    block = connection.recv(1 << 16)
    now = time.perf_counter()
    if not stream.first:
        seen += block
        if _FIRST_TEXT.search(seen):
            stream.first = stream.last = now
    elif _FIRST_TEXT.search(block):
        stream.last = now
    if counted := _COUNT.search(block):
        stream.tokens = int(counted[1])
    if cached := _CACHED.search(block):
        stream.cached = int(cached[1])
    if block and b"data: [DONE]" not in block:
        return
    selector.unregister(connection)
    connection.close()
    if not stream.tokens:
        raise StreamFailed(bytes(seen or block).decode(errors="replace")[:500])


def _connect(address: str) -> socket.socket:
    if address.startswith("unix://"):
        opened = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        opened.connect(address.removeprefix("unix://"))
        return opened
    host, _, port = address.removeprefix("http://").partition(":")
    return socket.create_connection((host, int(port)))
