"""One HTTP request over a socket, and the answer to it. For engines on this machine alone.

Python's own client brings TLS and the parsing of mail with it: six megabytes, and time before the
first token. Here a request has a connection of its own, which is closed with the answer.
"""

from __future__ import annotations

import socket
from collections.abc import Iterator
from urllib.parse import SplitResult, unquote

from freehold.engine.event_stream import unchunked

_MOST = 8192
"""Bytes to take at once: an event has about 300."""
_LONGEST_HEAD = 65_536
_HTTP_PORT = 80


class Exchange:
    """Connected at once. Everything raises OSError, or ValueError for what is no HTTP."""

    def __init__(self, address: SplitResult) -> None:
        if address.scheme == "unix":
            self._host = "localhost"
            self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            try:
                self._socket.connect(unquote(address.path))
            except OSError:
                self._socket.close()
                raise
        else:
            self._host = address.netloc
            place = (address.hostname or "127.0.0.1", address.port or _HTTP_PORT)
            self._socket = socket.create_connection(place)
            self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def send(self, path: str, body: bytes | None, headers: dict[str, str]) -> None:
        """GET, or POST a body."""
        lines = [f"{'GET' if body is None else 'POST'} {path} HTTP/1.1", f"Host: {self._host}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if body is not None:
            lines.append(f"Content-Length: {len(body)}")
        head = "\r\n".join([*lines, "", ""]).encode("latin-1")
        self._socket.sendall(head + (body or b""))

    def answer(self) -> tuple[int, Iterator[bytes]]:
        """The status, and the content in blocks as it comes, to its end or the connection's."""
        data = b""
        while b"\r\n\r\n" not in data:
            block = self._socket.recv(_MOST)
            if not block:
                raise ConnectionError("closed before it answered")
            data += block
            if len(data) > _LONGEST_HEAD:
                raise ValueError("too long a head")
        head, _, begun = data.partition(b"\r\n\r\n")
        first, *lines = head.decode("latin-1").split("\r\n")
        pairs = (line.partition(":") for line in lines)
        fields = {name.strip().lower(): value.strip().lower() for name, _, value in pairs}
        status = int(first.partition(" ")[2][:3]) if first.startswith("HTTP/1.") else 0
        if not 200 <= status < 600:
            raise ValueError(f"no answer in HTTP: {first[:40]!r}")
        if fields.get("transfer-encoding") == "chunked":
            return status, unchunked(self._all(begun))
        if "content-length" in fields:
            return status, self._counted(begun, int(fields["content-length"]))
        return status, self._all(begun)

    def stop(self) -> None:
        """Wake whoever waits for more, and end it. Harmless twice."""
        try:
            self._socket.shutdown(socket.SHUT_RDWR)
        except OSError:  # not connected any more
            return
        finally:
            self._socket.close()

    def _all(self, begun: bytes) -> Iterator[bytes]:
        block = begun or self._socket.recv(_MOST)
        while block:
            yield block
            block = self._socket.recv(_MOST)

    def _counted(self, begun: bytes, length: int) -> Iterator[bytes]:
        left = length
        block = begun[:left]
        while True:
            left -= len(block)
            if block:
                yield block
            if left <= 0:
                return
            block = self._socket.recv(min(_MOST, left))
            if not block:
                raise ConnectionError("closed in the middle of an answer")
