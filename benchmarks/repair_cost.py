"""What `freehold repair` costs for 3 bad chunks in 1 GB: bytes and seconds, beside a new `get`.

A server on this machine has the file and counts what it sends. Before each repair one bit is
flipped in each of three chunks; each `get` starts with an empty store. Both are whole commands, and
take turns. Run: python benchmarks/repair_cost.py [--pairs N] [--json FILE]
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from freehold.store.store import Store
from measure import arguments, freehold, in_turn, report, seconds

SIZE = 1_000_000_000
CHUNK = 1 << 20
BAD = (7, 400, 901)
BAR = 3 * CHUNK + (64 << 10)
"""Bytes: the three chunks, and room for looking at what the server has."""


class _Sender(BaseHTTPRequestHandler):
    """Sends one file, whole or in parts."""

    protocol_version = "HTTP/1.1"
    file: Path
    sent = 0

    def log_message(self, *args: object) -> None: ...

    def do_GET(self) -> None:
        size = self.file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        begin, end = 0, size
        if asked:
            begin, end = int(asked[1]), min(int(asked[2] or size - 1) + 1, size)
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {begin}-{end - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Content-Length", str(end - begin))
        self.end_headers()
        with self.file.open("rb") as file:
            while begin < end:
                file.seek(begin)
                block = file.read(min(end - begin, CHUNK))
                self.wfile.write(block)
                begin += len(block)
                type(self).sent += len(block)


def main() -> int:
    options = arguments(__doc__, pairs=3)
    with tempfile.TemporaryDirectory(prefix="freehold-bench-") as folder:
        source = Path(folder) / "model.gguf"
        _make(source)
        with _serving(source) as url:
            return _measure(Path(folder), url, options.pairs, options.json)


def _measure(folder: Path, url: str, pairs: int, where: Path | None) -> int:
    owned, fresh = folder / "owned", folder / "fresh"
    subprocess.run(freehold("get", url, "--name", "m"), check=True, env=_home(owned))
    sent: dict[str, int] = {}

    def repair() -> float:
        _spoil(owned)
        return _counted("repair", sent, freehold("repair", "m", "--yes"), owned)

    def get() -> float:
        shutil.rmtree(fresh, ignore_errors=True)
        return _counted("get", sent, freehold("get", url), fresh)

    found = in_turn(repair, get, pairs)
    with Store.open(owned) as store:
        whole = all(each.ok for each in store.verify_all())
    figures: dict[str, object] = {
        "file_bytes": SIZE,
        "bad_chunks": len(BAD),
        "repair_bytes": sent["repair"],
        "get_bytes": sent["get"],
        "share_of_a_download": sent["repair"] / sent["get"],
        "repair_seconds": found.medians[0],
        "get_seconds": found.medians[1],
        "repair_over_get_seconds": found.ratio,
        "whole_afterwards": whole,
    }
    bar = f"whole again for at most {BAR:,} bytes sent"
    return report("repair_cost", bar, figures, where, met=whole and sent["repair"] <= BAR)


def _counted(what: str, sent: dict[str, int], command: list[str], home: Path) -> float:
    _Sender.sent = 0
    took = seconds(command, env=_home(home), stderr=subprocess.DEVNULL)
    sent[what] = _Sender.sent
    return took


def _spoil(home: Path) -> None:
    (path,) = home.glob("blobs/*/*")
    before = path.stat()
    path.chmod(0o644)
    with path.open("r+b") as file:
        for chunk in BAD:
            file.seek(chunk * CHUNK + 5)
            byte = file.read(1)[0]
            file.seek(chunk * CHUNK + 5)
            file.write(bytes([byte ^ 1]))
    path.chmod(0o444)
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def _make(path: Path) -> None:
    """A real header, so that it counts as a model, and noise."""
    head = b"GGUF" + bytes([3, 0, 0, 0]) + bytes(16)
    with path.open("wb") as file:
        file.write(head)
        while file.tell() < SIZE:
            file.write(os.urandom(min(CHUNK, SIZE - file.tell())))


@contextmanager
def _serving(source: Path) -> Iterator[str]:
    _Sender.file = source
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Sender)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/model.gguf"
    finally:
        server.shutdown()


def _home(home: Path) -> dict[str, str]:
    return {**os.environ, "FREEHOLD_HOME": str(home)}


if __name__ == "__main__":
    sys.exit(main())
