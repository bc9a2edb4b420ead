"""A download that is killed, at any moment, goes on where it was."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import Unreachable
from freehold.names import Digest
from freehold.transfer import state
from freehold.transfer.backoff import Patience
from freehold.transfer.download import THREAD_NAME
from freehold.transfer.fetch import Fetcher
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import CHUNK_SIZE

if TYPE_CHECKING:
    from tests.transfer.conftest import Server

KILLS = 20
SCRIPT = """
import sys
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
report = Fetcher(HttpClient()).fetch(remote, Path(target), Quiet())
print(report.resumed, report.received)
"""


class Quiet:
    def advance(self, amount: int) -> None: ...

    def total(self, amount: int) -> None: ...


def remote_of(url: str, body: bytes) -> RemoteFile:
    return RemoteFile((url,), len(body), Digest(hashlib.sha256(body).hexdigest()))


@pytest.mark.skipif(sys.platform == "win32", reason="SIGKILL is of other systems")
def test_killed_at_random_moments_it_finishes_with_the_right_bytes(
    server: Server, target: Path, blob: bytes, repository: Path
) -> None:
    """Kills come by bytes sent, so that each run gets somewhere however slow the machine is."""
    rng = random.Random(20)
    url = server.serve("/m", blob, rate=5e6)
    remote = remote_of(url, blob)
    assert remote.sha256 is not None
    command = [sys.executable, "-c", SCRIPT, url, str(target), str(len(blob)), remote.sha256.hex]
    environment = {**os.environ, "PYTHONPATH": str(repository / "src")}
    killed, kept = 0, 0
    while killed < KILLS:
        before = server.sent.get("/m", 0)
        enough = rng.randrange(0, len(blob) // 2)
        process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL)
        while process.poll() is None and server.sent.get("/m", 0) - before < enough:
            time.sleep(0.002)
        process.send_signal(signal.SIGKILL)
        if process.wait() != -signal.SIGKILL:  # it was done: begin anew with the next kill
            assert target.read_bytes() == blob
            state.discard(target)
            continue
        killed += 1
        journal = state.load(target, remote)
        there = journal.there(state.this_boot()) if journal else ()
        kept += bool(there)
        data = target.read_bytes() if there else b""
        assert all(data[low:high] == blob[low:high] for low, high in there)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    resumed, received = map(int, done.stdout.split())
    assert target.read_bytes() == blob
    assert resumed + received == len(blob)
    print(f"{killed} kills, {kept} of them with bytes kept; the last run resumed at {resumed:,}")
    assert kept > KILLS // 4


def test_what_came_before_an_error_is_kept(
    server: Server, client: HttpClient, target: Path, blob: bytes, patience: Patience
) -> None:
    url = server.serve("/m", blob, cut_after=2_500_000)
    server.paths["/m"].on_request = lambda served: (
        served.statuses.extend([503]) if len(server.requests) > 3 else None
    )
    fetcher = Fetcher(client, patience=patience)
    remote = remote_of(url, blob)
    with pytest.raises(Unreachable):
        fetcher.fetch(remote, target, Quiet())
    server.serve("/m", blob)
    report = fetcher.fetch(remote, target, Quiet())
    assert target.read_bytes() == blob
    assert report.resumed >= 2_500_000
    assert report.resumed + report.received == len(blob)
    assert report.repeated == 0


def test_another_address_goes_on_for_the_same_hash(
    server: Server, other_server: Server, client: HttpClient, target: Path, blob: bytes
) -> None:
    remote = remote_of(server.serve("/m", blob, cut_after=2_500_000), blob)
    server.paths["/m"].on_request = lambda served: (
        served.statuses.extend([404]) if len(server.requests) > 1 else None
    )
    with pytest.raises(Exception, match="has no"):
        # One connection: with several, a 404 to one of them may end the others earlier than that.
        Fetcher(client, connections=1).fetch(remote, target, Quiet())
    elsewhere = remote_of(other_server.serve("/other", blob), blob)
    report = Fetcher(client).fetch(elsewhere, target, Quiet())
    assert target.read_bytes() == blob
    assert report.resumed >= 2_500_000


def test_chunks_that_were_not_whole_are_fetched_whole_to_be_proven(
    server: Server, client: HttpClient, target: Path, blob: bytes
) -> None:
    url = server.serve("/m", blob)
    remote = remote_of(url, blob)
    assert remote.sha256 is not None
    target.write_bytes(blob[:2_500_000].ljust(len(blob), b"\0"))
    spans = ((0, 2_500_000),)
    state.save(target, state.Journal(len(blob), remote.sha256.hex, (), spans, spans, None))
    starts = range(0, len(blob), CHUNK_SIZE)
    hashes = [hashlib.sha256(blob[at : at + CHUNK_SIZE]).digest() for at in starts]
    report = Fetcher(client).fetch(remote, target, Quiet(), chunk_hashes=hashes)
    assert target.read_bytes() == blob
    assert report.resumed == 2 * CHUNK_SIZE


def test_ctrl_c_stops_at_once_and_keeps_what_is_there(
    server: Server, target: Path, blob: bytes
) -> None:
    """A silent server holds every connection; nobody waits for it."""
    url = server.serve("/m", blob, stall_after=500_000)

    class Interrupting(Quiet):
        def advance(self, amount: int) -> None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Fetcher(HttpClient(stall_timeout=60)).fetch(remote_of(url, blob), target, Interrupting())
    journal = state.load(target, remote_of(url, blob))
    assert journal is not None
    assert journal.flushed
    assert not [thread for thread in threading.enumerate() if thread.name == THREAD_NAME]
