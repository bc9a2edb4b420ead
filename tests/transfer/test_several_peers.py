"""One download from several peers at once: the fast give most, and no fault of one is all's."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.transfer.conftest import BLOCK, Server

from freehold.errors import HashMismatch, SourceError, Unreachable
from freehold.names import Digest
from freehold.progress import SILENT
from freehold.transfer.backoff import Patience
from freehold.transfer.fetch import Fetcher, FetchReport
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.mirrors import Mirror
from freehold.transfer.ranges import CHUNK_SIZE
from freehold.transfer.running import Job, Running, to_take_over

MIB = 1 << 20
BODY = random.Random(5).randbytes(24 * MIB + 777)
CHUNKS = [hashlib.sha256(BODY[at : at + MIB]).digest() for at in range(0, len(BODY), MIB)]
SPOILT = BODY[::-1]


@dataclass
class Swarm:
    """Some servers of one file."""

    servers: list[Server]
    target: Path
    client: HttpClient
    patience: Patience

    def get(self, chunks: list[bytes] | None = CHUNKS) -> FetchReport:
        urls = tuple(f"http://{server.host}/m" for server in self.servers)
        remote = RemoteFile(urls, len(BODY), Digest(hashlib.sha256(BODY).hexdigest()), peers=urls)
        fetcher = Fetcher(self.client, patience=self.patience)
        with SILENT.task("fetch") as task:
            return fetcher.fetch(remote, self.target, task, chunk_hashes=chunks)

    def gave(self, report: FetchReport) -> list[int]:
        """Bytes that each of the servers gave."""
        told = dict(report.hosts)
        return [told.get(server.host, 0) for server in self.servers]


Make = Callable[..., Swarm]


@pytest.fixture
def swarm(target: Path, client: HttpClient) -> Iterator[Make]:
    """`swarm({}, {"rate": 1e6})`: two servers, each with its way to behave."""
    with ExitStack() as stack:

        def make(*hows: dict[str, object]) -> Swarm:
            servers = []
            for how in hows:
                server = Server()
                stack.callback(server.close)
                server.serve("/m", **{"body": BODY, **how})  # type: ignore[arg-type]
                servers.append(server)
            patience = Patience(attempts=6, opening=2, first=0.01, longest=0.05, quiet=0.4)
            return Swarm(servers, target, client, patience)

        yield make


def test_all_of_them_feed_it_and_no_byte_comes_twice(swarm: Make) -> None:
    group = swarm(*[{"rate": 20e6}] * 4)
    report = group.get()
    assert group.target.read_bytes() == BODY
    assert all(amount >= 2 * MIB for amount in group.gave(report))
    assert report.repeated <= 4 * MIB


def test_a_slow_one_ends_up_with_little_and_is_not_waited_for(swarm: Make) -> None:
    group = swarm({"rate": 30e6}, {"rate": 0.2e6})
    report = group.get()
    assert group.target.read_bytes() == BODY
    fast, slow = group.gave(report)
    assert slow <= 4 * MIB
    assert fast + slow == len(BODY)
    assert report.repeated <= 8 * MIB


@pytest.mark.parametrize("after", [0, 100_000, 3 * MIB])
def test_one_that_falls_silent_is_left(swarm: Make, after: int) -> None:
    group = swarm({"rate": 30e6}, {"stall_after": after})
    report = group.get()
    assert group.target.read_bytes() == BODY
    assert report.repeated <= 4 * 5 * MIB


def test_one_that_drips_is_left(swarm: Make) -> None:
    group = swarm({"rate": 10e6}, {"rate": 20e3})
    report = group.get()
    assert group.target.read_bytes() == BODY
    assert group.gave(report)[1] == 0


@pytest.mark.parametrize("block", [BLOCK, 100], ids=["with long pauses", "never silent"])
def test_drips_alone_are_an_error_in_the_end(swarm: Make, block: int) -> None:
    group = swarm(*[{"rate": 2e3, "block": block}] * 2)
    with pytest.raises(Unreachable, match="None of the 2"):
        group.get()


@pytest.mark.parametrize(
    "how",
    [
        {"body": SPOILT},
        {"cut_after": 0},
        {"cut_after": 1_500_000},
        {"shifted": 1},
        {"extra": 5},
        {"claimed_size": 3},
        {"html": True},
        {"statuses": [503] * 50},
        {"redirect": "/m"},
        {"ranges": False},
    ],
    ids=lambda how: "-".join(how),
)
def test_one_that_lies_or_fails_harms_nobody(swarm: Make, how: dict[str, object]) -> None:
    group = swarm({"rate": 40e6}, how)
    report = group.get()
    assert group.target.read_bytes() == BODY
    assert report.repeated <= 4 * 5 * MIB
    if how.get("body") is SPOILT:
        liar = group.servers[1].host
        assert {wrong.source for wrong in report.wrong_chunks} == {liar}
        assert any(liar in note for note in report.notes)


@pytest.mark.parametrize(
    "how", [{"body": SPOILT}, {"extra": 5}, {"cut_after": 0}], ids=lambda how: next(iter(how))
)
def test_liars_alone_give_a_clear_error(swarm: Make, how: dict[str, object]) -> None:
    group = swarm(how, how)
    with pytest.raises((HashMismatch, SourceError)) as caught:
        group.get()
    assert any(server.host in caught.value.message for server in group.servers)
    sent = sum(server.sent.get("/m", 0) for server in group.servers)
    assert sent <= len(BODY) * 2


def _running(mirror: Mirror, job: Job, seconds: float, got: int) -> Running:
    running = Running([job], mirror, 100.0 - seconds)
    running.got, running.position = got, job.start + got
    return running


def test_what_is_left_is_shared_by_pace() -> None:
    slow, fast = Mirror("http://a/m", near=True), Mirror("http://b/m", near=True, pace=9e6)
    part = _running(slow, Job(0, 40 * CHUNK_SIZE), 1.0, 1_000_000)
    found = to_take_over([part], fast, 100.0)
    assert found is not None
    assert found[0] is part
    assert 5 * CHUNK_SIZE <= found[1] <= 6 * CHUNK_SIZE  # one part in ten, after what comes now
    assert to_take_over([part], slow, 100.0) is None


def test_a_last_chunk_is_asked_elsewhere_only_where_that_is_sooner() -> None:
    slow, fast = Mirror("http://a/m", near=True), Mirror("http://b/m", near=True, pace=5e6)
    last = Job(8 * CHUNK_SIZE, 9 * CHUNK_SIZE)
    assert to_take_over([_running(slow, last, 1.0, 900_000)], fast, 100.0) is None
    found = to_take_over([_running(slow, last, 1.0, 9_000)], fast, 100.0)
    assert found is not None
    assert found[1] == 8 * CHUNK_SIZE


def test_nothing_is_written_once_another_has_it() -> None:
    part = _running(Mirror("http://a/m", near=True), Job(0, 8 * CHUNK_SIZE), 1.0, 300_000)
    rest = part.cut(4 * CHUNK_SIZE)
    assert [(job.start, job.end) for job in rest] == [(4 * CHUNK_SIZE, 8 * CHUNK_SIZE)]
    assert part.clip(4 * CHUNK_SIZE - 10, bytes(100)) == bytes(10)
    assert part.position < 4 * CHUNK_SIZE
    (job,) = part.cut(0)
    assert (job.start, job.end) == (0, 4 * CHUNK_SIZE)
    assert part.is_over
    assert part.clip(300_000, b"late") == b""
