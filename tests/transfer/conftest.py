"""A real HTTP server on loopback that can misbehave in every way a download may meet."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from freehold.transfer.backoff import Patience
from freehold.transfer.http import HttpClient

BLOCK = 64 << 10


@dataclass
class Served:
    """One path of the server, and how it misbehaves."""

    body: bytes = b""
    ranges: bool = True
    etag: str | None = None
    headers: dict[str, str] = field(default_factory=dict)
    statuses: list[int] = field(default_factory=list)
    """Answered one after the other before the body is given."""
    claimed_size: int | None = None
    """The size it says the file has."""
    shifted: int = 0
    """It sends a range that begins so much later than asked."""
    extra: int = 0
    """It sends so many bytes more than asked."""
    cut_after: int | None = None
    """It breaks the connection after so many bytes of an answer."""
    cuts: int = 10**9
    """How often it does so."""
    stall_after: int | None = None
    """It falls silent after so many bytes of an answer."""
    stalls: int = 10**9
    html: bool = False
    chunked: bool = False
    until_close: bool = False
    """No length is sent: the end is where the connection ends."""
    redirect: str | None = None
    rate: float | None = None
    """Bytes per second for each connection."""
    block: int = BLOCK
    """Bytes that it sends at once."""
    on_request: Callable[[Served], None] | None = None


@dataclass(frozen=True)
class Request:
    """What the server saw."""

    method: str
    path: str
    range: tuple[int, int] | None
    headers: dict[str, str]


class Server:
    """The server, its paths, and what was asked of it."""

    def __init__(self) -> None:
        self.paths: dict[str, Served] = {}
        self.requests: list[Request] = []
        self.sent: dict[str, int] = {}
        self.released = threading.Event()
        self.lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            server_state = outer

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,))
        self._thread.start()

    @property
    def port(self) -> int:
        return int(self._http.server_address[1])

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self.port}"

    def serve(self, path: str, body: bytes = b"", **how: Any) -> str:
        """Serve a path; its address."""
        self.paths[path] = Served(body, **how)
        return f"http://{self.host}{path}"

    def asked(self, path: str) -> list[Request]:
        return [request for request in self.requests if request.path == path]

    def close(self) -> None:
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()


class _Handler(BaseHTTPRequestHandler):
    server_state: Server
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None: ...

    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        state = self.server_state
        served = state.paths.get(self.path)
        asked = re.fullmatch(r"bytes=(\d*)-(\d*)", self.headers.get("Range") or "")
        size = len(served.body) if served else 0
        span: tuple[int, int] | None = None
        if asked and asked[1]:
            span = int(asked[1]), min(int(asked[2]) + 1 if asked[2] else size, size)
        elif asked and asked[2]:
            span = max(0, size - int(asked[2])), size
        with state.lock:
            state.requests.append(Request(self.command, self.path, span, dict(self.headers)))
            status = served.statuses.pop(0) if served and served.statuses else None
        if served is None:
            return self._plain(404, b"nothing here")
        if served.on_request:
            served.on_request(served)
        if status is not None:
            return self._plain(status, b"no", served.headers)
        if served.redirect:
            return self._plain(302, b"", {"Location": served.redirect})
        if served.html:
            return self._plain(200, b"<html>log in</html>", {"Content-Type": "text/html"})
        try:
            self._send(served, span if served.ranges else None)
        except OSError:
            self.close_connection = True
        return None

    def _plain(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def _send(self, served: Served, span: tuple[int, int] | None) -> None:
        claimed = len(served.body) if served.claimed_size is None else served.claimed_size
        start, end = span or (0, len(served.body))
        body = served.body[start + served.shifted : end + served.shifted]
        body += bytes(served.extra)
        if span:
            self.send_response(206)
            first = start + served.shifted
            last = first + len(body) - served.extra - 1
            self.send_header("Content-Range", f"bytes {first}-{last}/{claimed}")
            length = len(body)
        else:
            self.send_response(200)
            length = claimed + served.extra
        for name, value in served.headers.items():
            self.send_header(name, value)
        if served.etag:
            self.send_header("ETag", served.etag)
        self.send_header("Content-Type", "application/octet-stream")
        if served.chunked:
            self.send_header("Transfer-Encoding", "chunked")
        elif served.until_close:
            self.send_header("Connection", "close")
        else:
            self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.command != "HEAD":
            self._body(served, body)
            if len(body) != length:
                self.close_connection = True

    def _body(self, served: Served, body: bytes) -> None:
        state = self.server_state
        sent = 0
        while sent < len(body):
            block = body[sent : sent + served.block]
            for limit, kind in ((served.cut_after, "cuts"), (served.stall_after, "stalls")):
                if limit is not None and getattr(served, kind) > 0:
                    block = block[: max(0, limit - sent)]
            if not block:
                return self._misbehave(served)
            framed = b"%x\r\n%s\r\n" % (len(block), block) if served.chunked else block
            sent += len(block)
            with state.lock:  # before sending: whoever has the bytes may look at once
                state.sent[self.path] = state.sent.get(self.path, 0) + len(block)
            self.wfile.write(framed)
            if served.rate:
                time.sleep(len(block) / served.rate)
        if served.chunked:
            self.wfile.write(b"0\r\n\r\n")
        return None

    def _misbehave(self, served: Served) -> None:
        self.close_connection = True
        if served.cut_after is not None:
            served.cuts -= 1
            return
        served.stalls -= 1
        self.server_state.released.wait(20)


@pytest.fixture
def server() -> Iterator[Server]:
    """A server without any path yet."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def other_server() -> Iterator[Server]:
    """A second one."""
    running = Server()
    yield running
    running.close()


@pytest.fixture
def client() -> Iterator[HttpClient]:
    """A client that loses patience quickly."""
    patience = Patience(attempts=3, first=0.01, longest=0.05)
    made = HttpClient(connect_timeout=2, stall_timeout=0.3, patience=patience)
    yield made
    made.close()


@pytest.fixture
def patience() -> Patience:
    """Many attempts, next to no waiting."""
    return Patience(attempts=6, opening=4, first=0.01, longest=0.05)


@pytest.fixture(scope="session")
def blob() -> bytes:
    """11 MiB and a bit of noise: several segments, an uneven end."""
    return random.Random(11).randbytes((11 << 20) + 4321)


@pytest.fixture
def target(tmp_path: Path) -> Path:
    """Where a download goes."""
    return tmp_path / "staging" / "file.part"


@pytest.fixture(autouse=True)
def _staging(tmp_path: Path) -> None:
    (tmp_path / "staging").mkdir()
