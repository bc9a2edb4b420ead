"""`freehold get`'s transfer beside `curl -o` and `sha256sum`, from a server on this machine.

Both fetch the same file and hash it; they take turns, and medians are compared. Each is also run
without hashing, since much of the difference is in how fast they hash. With `--kill`
each is killed half-way and started again (curl with `-C -`), and the server counts the bytes it
had to send twice. Run: python benchmarks/get_loopback.py [--size MB] [--rounds N] [--json FILE]
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import platform
import re
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import asdict, dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

_FETCH = """
import hashlib, sys
from pathlib import Path
from freehold.names import Digest
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile

class Quiet:
    def advance(self, amount): ...
    def total(self, amount): ...

url, target, size, digest = sys.argv[1:]
remote = RemoteFile((url,), int(size), Digest(digest))
Fetcher(HttpClient()).fetch(remote, Path(target), Quiet())
"""
_HASH = """
with open(target, "rb") as file:
    if hashlib.file_digest(file, "sha256").hexdigest() != digest:
        sys.exit("wrong bytes")
"""


@dataclass(frozen=True)
class Result:
    """One way of fetching: its times in seconds and, when killed, what it cost in bytes."""

    name: str
    seconds: tuple[float, ...]
    twice: tuple[int, ...] = ()

    @property
    def median(self) -> float:
        """Seconds."""
        return statistics.median(self.seconds)


class _Sender(BaseHTTPRequestHandler):
    """Sends one file by sendfile, with ranges: quick enough not to be what is measured."""

    protocol_version = "HTTP/1.1"
    file: Path
    sent = 0

    def log_message(self, *args: object) -> None: ...

    def handle(self) -> None:
        try:
            super().handle()
        except ConnectionError:
            return  # the client was killed, or had enough

    def do_GET(self) -> None:
        size = self.file.stat().st_size
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        start, end = 0, size
        if asked:
            start = int(asked[1])
            end = min(int(asked[2]) + 1, size) if asked[2] else size
            self.send_response(206)
            self.send_header("Content-Range", f"bytes {start}-{end - 1}/{size}")
        else:
            self.send_response(200)
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("Content-Length", str(end - start))
        self.end_headers()
        self.wfile.flush()
        with self.file.open("rb") as file:
            while start < end:
                try:
                    count = os.sendfile(
                        self.connection.fileno(), file.fileno(), start, min(end - start, 1 << 22)
                    )
                except OSError:
                    self.close_connection = True
                    return
                start += count
                type(self).sent += count


def main() -> None:
    options = _options()
    folder = Path(tempfile.mkdtemp(prefix="freehold-bench-", dir=options.folder))
    try:
        source, digest = _make(folder / "source.bin", options.size * 1_000_000)
        _Sender.file = source
        server = ThreadingHTTPServer(("127.0.0.1", 0), _Sender)
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_address[1]}/source.bin"
        results = _measure(options, url, folder / "target.bin", source.stat().st_size, digest)
        server.shutdown()
    finally:
        shutil.rmtree(folder)
    _tell(options, results)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1000, help="megabytes (1000)")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--folder", help="where to write (the system's temporary folder)")
    parser.add_argument("--kill", action="store_true", help="kill each half-way and go on")
    parser.add_argument("--json", metavar="FILE")
    return parser.parse_args()


def _make(path: Path, size: int) -> tuple[Path, str]:
    digest = hashlib.sha256()
    with path.open("wb") as file:
        while file.tell() < size:
            block = os.urandom(min(1 << 20, size - file.tell()))
            file.write(block)
            digest.update(block)
    return path, digest.hexdigest()


def _measure(
    options: argparse.Namespace, url: str, target: Path, size: int, digest: str
) -> list[Result]:
    given = [url, str(target), str(size), digest]
    curl = f"curl -s -C - -o {target} {url}"
    commands = {
        "freehold": [sys.executable, "-c", _FETCH + _HASH, *given],
        "curl + sha256sum": ["sh", "-c", f"{curl} && sha256sum {target}"],
        "freehold, no hash": [sys.executable, "-c", _FETCH, *given],
        "curl alone": ["sh", "-c", curl],
    }
    times: dict[str, list[float]] = {name: [] for name in commands}
    twice: dict[str, list[int]] = {name: [] for name in commands}
    for _ in range(options.rounds):
        for name, command in commands.items():
            for leftover in target.parent.glob(f"{target.name}*"):
                leftover.unlink()
            os.sync()
            _Sender.sent = 0
            times[name].append(_run(command, size // 2 if options.kill else None))
            twice[name].append(_Sender.sent - size)
    return [
        Result(name, tuple(times[name]), tuple(twice[name]) if options.kill else ())
        for name in commands
    ]


def _run(command: list[str], kill_at: int | None) -> float:
    began = time.perf_counter()
    if kill_at is not None:
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL, start_new_session=True)
        while _Sender.sent < kill_at:
            time.sleep(0.001)
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def _tell(options: argparse.Namespace, results: list[Result]) -> None:
    machine = f"{platform.platform()}, {os.cpu_count()} CPUs, Python {platform.python_version()}"
    ours, theirs = results[:2]
    ratio = theirs.median / ours.median
    print(f"{machine}; {options.size} MB, {options.rounds} rounds")
    for result in results:
        rate = options.size / result.median
        line = f"{result.name:18} median {result.median:6.2f} s  {rate:6.0f} MB/s"
        if result.twice:
            line += f"  sent twice: median {statistics.median(result.twice) / 1e6:.1f} MB"
        print(line)
    print(f"freehold is {ratio:.2f}x as fast as curl and sha256sum")
    if options.json:
        told = {"machine": machine, "ratio": ratio, "results": [asdict(each) for each in results]}
        Path(options.json).write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
