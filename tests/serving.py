"""A small file server on loopback that gives parts, or lies, and counts what it sent."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Self

from tests.conftest import tiny_gguf


@dataclass
class Shelf:
    """One file of the server and how it is served."""

    body: bytes
    kind: str = "application/octet-stream"
    ranges: bool = True
    status: int | None = None
    """Answered in place of the file."""
    cut_after: int | None = None
    """The connection breaks after so many bytes of each answer longer than that."""
    asked: list[tuple[int, int]] = field(default_factory=list)
    """The parts that it was asked for."""


class FileServer:
    """Use it in a `with` block. `sent` counts the bytes of all bodies."""

    def __init__(self) -> None:
        self.shelves: dict[str, Shelf] = {}
        self.sent = 0
        self.requests = 0
        self.stopped = False
        self._lock = threading.Lock()
        outer = self

        class Handler(_Handler):
            server_state = outer

        self._http = _QuietServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self._http.block_on_close = False
        self._thread = threading.Thread(target=self._http.serve_forever, args=(0.02,), daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """From now on nobody answers, and what is being answered breaks off."""
        self.stopped = True
        if self._thread.is_alive():
            self._http.shutdown()
            self._thread.join()
        self._http.server_close()

    @property
    def host(self) -> str:
        return f"127.0.0.1:{self._http.server_address[1]}"

    def serve(self, path: str, body: bytes, kind: str = "application/octet-stream") -> str:
        """Serve a path; its address."""
        self.shelves[path] = Shelf(body, kind)
        return f"http://{self.host}{path}"

    def count(self, amount: int) -> None:
        with self._lock:
            self.sent += amount


def hub(server: FileServer, sizes: dict[str, int]) -> None:
    """Make the server answer as a Hub with one repository, `org/m`, that has these files."""
    listed = []
    for name, size in sizes.items():
        body = tiny_gguf(name, payload=size)
        digest = hashlib.sha256(body).hexdigest()
        lfs = {"oid": digest, "size": len(body), "pointerSize": 130}
        listed.append({"type": "file", "path": name, "size": len(body), "lfs": lfs})
        server.serve(f"/org/m/resolve/{'c' * 40}/{name}", body)
    about = json.dumps({"id": "org/m", "sha": "c" * 40}).encode()
    server.serve("/api/models/org/m/revision/main", about, "application/json")
    tree = f"/api/models/org/m/tree/{'c' * 40}?recursive=true"
    server.serve(tree, json.dumps(listed).encode(), "application/json")


class _QuietServer(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that are killed break connections: that is what the tests are about."""


class _Handler(BaseHTTPRequestHandler):
    server_state: FileServer
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args: object) -> None: ...

    def do_HEAD(self) -> None:
        """The size and a mark of the version, without a body."""
        shelf = self.server_state.shelves.get(self.path)
        if shelf is None or shelf.status:
            self.send_response(shelf.status if shelf and shelf.status else 404)
            self.send_header("Content-Length", "0")
        else:
            self.send_response(200)
            self.send_header("Content-Length", str(len(shelf.body)))
            self.send_header("ETag", f'"{hashlib.sha256(shelf.body).hexdigest()[:16]}"')
        self.end_headers()

    def do_GET(self) -> None:
        state = self.server_state
        state.requests += 1
        shelf = state.shelves.get(self.path)
        if shelf is None or shelf.status:
            self.send_response(shelf.status if shelf and shelf.status else 404)
            self.send_header("Content-Length", "0")
            self.end_headers()
            return
        size, begin, end = len(shelf.body), 0, len(shelf.body)
        asked = re.fullmatch(r"bytes=(\d*)-(\d+)", self.headers.get("Range") or "")
        if asked and shelf.ranges:
            if asked[1]:
                begin, end = int(asked[1]), min(int(asked[2]) + 1, size)
            else:
                begin = max(0, size - int(asked[2]))
            shelf.asked.append((begin, end))
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Content-Type", shelf.kind)
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        body = memoryview(shelf.body)[begin:end]
        if shelf.cut_after is not None and len(body) > shelf.cut_after:
            body = body[: shelf.cut_after]
            self.close_connection = True
        try:
            for at in range(0, len(body), 1 << 16):
                if state.stopped:
                    self.close_connection = True
                    return
                block = body[at : at + (1 << 16)]
                state.count(len(block))  # first: whoever has the bytes may ask how many were sent
                self.wfile.write(block)
        except OSError:
            self.close_connection = True
