"""A server for benchmarks: one file by sendfile, with ranges, in the way that a Hub has it.

Quick enough not to be what is measured; counts the bytes it sent.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

COMMIT = "c" * 40
REPOSITORY = "org/model"


class Sender(BaseHTTPRequestHandler):
    """Answers for one file."""

    protocol_version = "HTTP/1.1"
    file: Path
    digest: str
    sent = 0

    def log_message(self, *args: object) -> None: ...

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return  # the client was killed, or had enough

    def do_HEAD(self) -> None:
        self._answer(with_body=False)

    def do_GET(self) -> None:
        if self.path.startswith("/api/models/"):
            self._document()
        else:
            self._answer(with_body=True)

    def _document(self) -> None:
        entry = {
            "type": "file",
            "path": self.file.name,
            "size": self.file.stat().st_size,
            "oid": "0" * 40,
            "lfs": {"oid": self.digest, "size": self.file.stat().st_size, "pointerSize": 134},
        }
        about = {"id": REPOSITORY, "sha": COMMIT, "siblings": [{"rfilename": self.file.name}]}
        body = json.dumps([entry] if "/tree/" in self.path else about).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _answer(self, *, with_body: bool) -> None:
        size = self.file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        start, end = 0, size
        if asked:
            start, end = int(asked[1]), min(int(asked[2]) + 1, size) if asked[2] else size
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("ETag", f'"{self.digest}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.wfile.flush()
        if with_body:
            self._send(start, end)

    def _send(self, start: int, end: int) -> None:
        with self.file.open("rb") as file:
            while start < end:
                wanted = min(end - start, 1 << 22)
                try:
                    count = os.sendfile(self.connection.fileno(), file.fileno(), start, wanted)
                except OSError:
                    self.close_connection = True
                    return
                start += count
                Sender.sent += count


@contextmanager
def served(file: Path, digest: str) -> Iterator[str]:
    """Serve a file; the address of the server."""
    Sender.file, Sender.digest = file, digest
    server = ThreadingHTTPServer(("127.0.0.1", 0), Sender)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()


def big_model(path: Path, size: int) -> str:
    """Write a well-formed GGUF of about `size` bytes of noise; its SHA-256."""

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value)) + value.encode()

    numbers = size // 4
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, 1)
    head += text("general.architecture") + struct.pack("<I", 8) + text("llama")
    head += text("output.weight") + struct.pack("<IQIQ", 1, numbers, 0, 0)
    head += b"\0" * (-len(head) % 32)
    digest = hashlib.sha256(head)
    with path.open("wb") as file:
        file.write(head)
        left = 4 * numbers
        while left:
            block = os.urandom(min(1 << 18, left))
            file.write(block)
            digest.update(block)
            left -= len(block)
    return digest.hexdigest()
