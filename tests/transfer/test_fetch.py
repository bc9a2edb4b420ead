"""The transfer engine against a real server that behaves, and one that does not."""

from __future__ import annotations

import hashlib
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from freehold.errors import (
    AccessDenied,
    HashMismatch,
    NotFound,
    SourceError,
    StorageError,
    Unreachable,
)
from freehold.names import Digest
from freehold.transfer.backoff import Patience
from freehold.transfer.fetch import Fetcher, FetchReport
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import CHUNK_SIZE
from freehold.transfer.rate import TokenBucket
from freehold.transfer.state import journal_path

if TYPE_CHECKING:
    from tests.transfer.conftest import Served, Server


class Watch:
    """A task that keeps count."""

    def __init__(self) -> None:
        self.done, self.size, self.back = 0, 0, 0

    def advance(self, amount: int) -> None:
        self.done += amount
        self.back += min(amount, 0)

    def total(self, amount: int) -> None:
        self.size = amount


class Get:
    """Fetches with one fetcher and looks at the result."""

    def __init__(self, client: HttpClient, patience: Patience, target: Path) -> None:
        self.fetcher = Fetcher(client, patience=patience)
        self.target = target
        self.watch = Watch()

    def __call__(
        self, *urls: str, body: bytes | None = None, proven: bool = True, chunks: bool = False
    ) -> FetchReport:
        digest = Digest(hashlib.sha256(body).hexdigest()) if body and proven else None
        remote = RemoteFile(urls, len(body) if body and proven else None, digest)
        hashes = chunk_hashes(body) if chunks and body else None
        return self.fetcher.fetch(remote, self.target, self.watch, chunk_hashes=hashes)


def chunk_hashes(body: bytes) -> list[bytes]:
    starts = range(0, len(body), CHUNK_SIZE)
    return [hashlib.sha256(body[at : at + CHUNK_SIZE]).digest() for at in starts]


def flipped(body: bytes, *positions: int) -> bytes:
    changed = bytearray(body)
    for position in positions:
        changed[position] ^= 1
    return bytes(changed)


@pytest.fixture
def get(client: HttpClient, patience: Patience, target: Path) -> Get:
    return Get(client, patience, target)


class TestAGoodServer:
    def test_gives_the_file_in_parallel_ranges_each_byte_once(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        report = get(server.serve("/m", blob), body=blob)
        assert get.target.read_bytes() == blob
        assert (report.size, report.received, report.repeated) == (len(blob), len(blob), 0)
        assert report.hosts == ((server.host, len(blob)),)
        assert len(server.asked("/m")) == 3
        assert server.sent["/m"] == len(blob)

    def test_progress_tells_the_truth(self, server: Server, get: Get, blob: bytes) -> None:
        get(server.serve("/m", blob), body=blob)
        assert (get.watch.done, get.watch.size, get.watch.back) == (len(blob), len(blob), 0)

    @pytest.mark.parametrize("size", [1, 100, CHUNK_SIZE, 4 << 20, (4 << 20) + 1])
    def test_an_unknown_size_is_learnt(
        self, server: Server, get: Get, blob: bytes, size: int
    ) -> None:
        report = get(server.serve("/m", blob[:size]))
        assert get.target.read_bytes() == blob[:size]
        assert report.received == size

    @pytest.mark.parametrize("how", [{}, {"chunked": True}, {"until_close": True}])
    @pytest.mark.parametrize("known", [True, False])
    def test_without_ranges_the_file_comes_in_one_stream(
        self, server: Server, get: Get, blob: bytes, how: dict[str, bool], known: bool
    ) -> None:
        report = get(server.serve("/m", blob, ranges=False, **how), body=blob, proven=known)
        assert get.target.read_bytes() == blob
        assert report.received == len(blob)
        assert len(server.asked("/m")) == 1

    def test_a_finished_download_is_not_fetched_again(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", blob)
        get(url, body=blob)
        before = len(server.requests)
        report = get(url, body=blob)
        assert (report.received, report.resumed) == (0, len(blob))
        assert len(server.requests) == before

    def test_its_secrets_travel_with_each_request(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", blob)
        remote = RemoteFile((url,), len(blob), headers=(("Authorization", "Bearer key"),))
        get.fetcher.fetch(remote, get.target, get.watch)
        assert {each.headers.get("Authorization") for each in server.asked("/m")} == {"Bearer key"}


class TestFaultsThatPass:
    def test_busy_answers_are_waited_out(self, server: Server, get: Get, blob: bytes) -> None:
        url = server.serve("/m", blob, statuses=[503, 500, 429], headers={"Retry-After": "0"})
        report = get(url, body=blob)
        assert get.target.read_bytes() == blob
        assert report.repeated == 0

    def test_broken_connections_cost_no_byte_twice(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        report = get(server.serve("/m", blob, cut_after=1_500_000), body=blob)
        assert get.target.read_bytes() == blob
        assert (report.received, report.repeated) == (len(blob), 0)

    def test_failures_with_useful_bytes_between_are_forgiven(
        self, server: Server, client: HttpClient, target: Path, blob: bytes
    ) -> None:
        url = server.serve("/m", blob, cut_after=700_000)
        patience = Patience(attempts=2, opening=2, first=0.001)
        fetcher = Fetcher(client, connections=1, patience=patience)
        fetcher.fetch(RemoteFile((url,), len(blob)), target, Watch())
        assert target.read_bytes() == blob
        assert len(server.requests) > len(blob) / 700_000

    def test_a_silent_connection_is_left_for_a_new_one(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        report = get(server.serve("/m", blob, stall_after=100_000, stalls=2), body=blob)
        assert get.target.read_bytes() == blob
        assert report.repeated == 0

    def test_a_stream_without_ranges_begins_again_and_says_what_it_cost(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", blob, ranges=False, cut_after=5_000_000, cuts=1)
        report = get(url, body=blob)
        assert get.target.read_bytes() == blob
        assert report.repeated == 5_000_000


class TestFaultsThatStay:
    """Each is one clear error that names the host; nothing half-done passes for done."""

    def test_no_such_file(self, server: Server, get: Get) -> None:
        with pytest.raises(NotFound, match=server.host):
            get(f"http://{server.host}/absent")

    def test_forbidden(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(AccessDenied, match=server.host):
            get(server.serve("/m", blob, statuses=[403] * 9))

    def test_always_failing(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(Unreachable, match=f"{server.host} failed .*503"):
            get(server.serve("/m", blob, statuses=[503] * 99))
        assert len(server.requests) == 4

    def test_a_wait_longer_than_anyone_waits(self, server: Server, get: Get, blob: bytes) -> None:
        url = server.serve("/m", blob, statuses=[429] * 9, headers={"Retry-After": "86400"})
        with pytest.raises(Unreachable, match="asked too often"):
            get(url)
        assert len(server.requests) == 1

    def test_nobody_there(self, get: Get) -> None:
        with pytest.raises(Unreachable, match=r"127\.0\.0\.1:9 does not answer: nothing listens"):
            get("http://127.0.0.1:9/m")

    def test_breaking_off_at_once_each_time(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(Unreachable, match="broke off before the end"):
            get(server.serve("/m", blob, cut_after=10), body=blob)

    def test_a_web_page(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(SourceError, match="web page"):
            get(server.serve("/m", html=True), body=blob)

    @pytest.mark.parametrize("ranges", [True, False])
    @pytest.mark.parametrize("lie", [-1, 1, 10**15])
    def test_another_size(
        self, server: Server, get: Get, blob: bytes, ranges: bool, lie: int
    ) -> None:
        url = server.serve("/m", blob, ranges=ranges, claimed_size=len(blob) + lie)
        with pytest.raises(HashMismatch, match=r"bytes where 11,538,657 were promised"):
            get(url, body=blob)

    def test_another_range_than_asked(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(SourceError, match="when asked for"):
            get(server.serve("/m", blob, shifted=7), body=blob)

    def test_more_bytes_than_asked(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(SourceError, match="announces a part of one length"):
            get(server.serve("/m", blob, extra=9), body=blob)

    def test_more_bytes_than_asked_without_a_length(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        with pytest.raises(SourceError, match="more bytes than it was asked for"):
            get(server.serve("/m", blob, extra=9, chunked=True), body=blob)

    def test_a_compressed_body(self, server: Server, get: Get, blob: bytes) -> None:
        with pytest.raises(SourceError, match="compressed"):
            get(server.serve("/m", blob, headers={"Content-Encoding": "gzip"}), body=blob)

    def test_a_folder_that_does_not_exist(self, server: Server, get: Get, blob: bytes) -> None:
        get.target = get.target.parent / "absent" / "file"
        with pytest.raises(StorageError, match="cannot be written"):
            get(server.serve("/m", blob), body=blob)


class TestSeveralAddresses:
    def test_the_second_takes_over_in_mid_file(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        bad = server.serve("/m", blob, cut_after=1_000_000, cuts=1)

        def die(served: Served) -> None:
            if len(server.requests) > 2:
                served.statuses = [500] * 5

        server.paths["/m"].on_request = die
        report = get(bad, other_server.serve("/m", blob), body=blob)
        assert get.target.read_bytes() == blob
        assert report.repeated == 0
        shares = dict(report.hosts)
        assert shares[server.host] >= 1_000_000
        pieces = sorted(piece for _, ranges in report.origins for piece in ranges)
        assert pieces[0][0] == 0
        assert all(one[1] == two[0] for one, two in pairwise(pieces))
        assert shares[server.host] + shares[other_server.host] == len(blob)

    @pytest.mark.parametrize(
        ("how", "reason"),
        [
            ({"claimed_size": 20_000_000}, "were promised"),
            ({"shifted": 3}, "when asked for"),
            ({"html": True}, "web page"),
            ({"statuses": [404]}, "has no"),
        ],
    )
    def test_one_that_lies_is_given_up_and_named(
        self,
        server: Server,
        other_server: Server,
        get: Get,
        blob: bytes,
        how: dict[str, int],
        reason: str,
    ) -> None:
        report = get(server.serve("/m", blob, **how), other_server.serve("/m", blob), body=blob)
        assert get.target.read_bytes() == blob
        assert report.hosts == ((other_server.host, len(blob)),)
        (note,) = report.notes
        assert server.host in note
        assert reason in note

    def test_when_all_fail_each_is_told(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        urls = server.serve("/m", html=True), other_server.serve("/m", statuses=[404])
        with pytest.raises(Unreachable, match=f"{server.host}.*{other_server.host}"):
            get(*urls, body=blob)

    def test_what_came_from_the_one_is_not_fetched_from_the_other(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        first = server.serve("/m", blob, cut_after=3_000_000, cuts=1, statuses=[])
        server.paths["/m"].on_request = lambda served: (
            served.statuses.extend([404]) if len(server.requests) > 1 else None
        )
        report = get(first, other_server.serve("/m", blob), body=blob)
        assert report.repeated == 0
        assert server.sent["/m"] + other_server.sent["/m"] == len(blob)


class TestAFileThatChanges:
    def test_two_versions_are_never_mixed(self, server: Server, get: Get, blob: bytes) -> None:
        fresh = bytes(reversed(blob))
        url = server.serve("/m", blob, etag='"one"', cut_after=2_000_000, cuts=1)

        def change(served: Served) -> None:
            if len(server.requests) == 2:
                served.body, served.etag = fresh, '"two"'

        server.paths["/m"].on_request = change
        get(url)
        assert get.target.read_bytes() == fresh
        assert get.watch.done == len(blob)

    def test_one_that_changes_all_the_time_is_refused(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", blob, cut_after=200_000)

        def change(served: Served) -> None:
            served.etag = f'"{len(server.requests)}"'

        server.paths["/m"].on_request = change
        with pytest.raises(SourceError, match="keeps changing"):
            get(url)

    def test_an_old_part_is_not_continued_with_a_new_file(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        fresh = bytes(reversed(blob))
        url = server.serve("/m", blob, etag='"one"', cut_after=2_000_000, statuses=[])
        server.paths["/m"].on_request = lambda served: (
            served.statuses.extend([404]) if len(server.requests) > 2 else None
        )
        with pytest.raises(NotFound):
            get(url)
        assert journal_path(get.target).exists()
        server.serve("/m", fresh, etag='"two"')
        get(url)
        assert get.target.read_bytes() == fresh

    def test_a_shorter_one_in_a_second_try_leaves_nothing_of_the_first(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", blob, ranges=False, chunked=True, cut_after=3_000_000, cuts=1)

        def change(served: Served) -> None:
            if len(server.requests) == 2:
                served.body = blob[::-1][:1_000_000]

        server.paths["/m"].on_request = change
        report = get(url)
        assert get.target.read_bytes() == blob[::-1][:1_000_000]
        assert report.size == get.watch.done == 1_000_000


class TestChunkHashes:
    def test_a_right_file_passes(self, server: Server, get: Get, blob: bytes) -> None:
        report = get(server.serve("/m", blob), body=blob, chunks=True)
        assert get.target.read_bytes() == blob
        assert report.wrong_chunks == ()
        assert report.received == len(blob)

    def test_wrong_chunks_are_named_and_only_they_come_from_elsewhere(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        bad = flipped(blob, 5, 7 * CHUNK_SIZE + 99)
        urls = server.serve("/m", bad), other_server.serve("/m", blob)
        report = get(*urls, body=blob, chunks=True)
        assert get.target.read_bytes() == blob
        named = {(wrong.source, wrong.index) for wrong in report.wrong_chunks}
        assert named == {(server.host, 0), (server.host, 7)}
        assert report.repeated == 2 * CHUNK_SIZE
        asked = {request.range for request in other_server.requests}
        assert asked == {(0, CHUNK_SIZE), (7 * CHUNK_SIZE, 8 * CHUNK_SIZE)}

    def test_a_wrong_last_chunk_is_fetched_again(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        bad = flipped(blob, len(blob) - 1)
        report = get(
            server.serve("/m", bad), other_server.serve("/m", blob), body=blob, chunks=True
        )
        assert get.target.read_bytes() == blob
        assert [wrong.index for wrong in report.wrong_chunks] == [11]

    def test_one_with_nothing_right_is_given_up(
        self, server: Server, other_server: Server, get: Get, blob: bytes
    ) -> None:
        bad = bytes(reversed(blob))
        urls = server.serve("/m", bad), other_server.serve("/m", blob)
        report = get(*urls, body=blob, chunks=True)
        assert get.target.read_bytes() == blob
        assert any(f"{server.host} was given up" in note for note in report.notes)
        assert report.repeated < len(blob)

    def test_one_with_nothing_right_and_no_other_is_an_error(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        with pytest.raises(HashMismatch, match="gives wrong bytes"):
            get(server.serve("/m", bytes(reversed(blob))), body=blob, chunks=True)

    @pytest.mark.parametrize("ranges", [True, False])
    def test_a_chunk_wrong_at_the_only_source_is_an_error(
        self, server: Server, get: Get, blob: bytes, ranges: bool
    ) -> None:
        url = server.serve("/m", flipped(blob, 4 * CHUNK_SIZE), ranges=ranges)
        with pytest.raises(HashMismatch, match=f"{server.host} gives wrong bytes for chunk 4"):
            get(url, body=blob, chunks=True)

    def test_a_passing_fault_of_the_only_source_heals(
        self, server: Server, get: Get, blob: bytes
    ) -> None:
        url = server.serve("/m", flipped(blob, 4 * CHUNK_SIZE))

        def heal(served: Served) -> None:
            at = 4 * CHUNK_SIZE
            spans = [request.range for request in server.requests if request.range]
            if sum(low <= at < high for low, high in spans) > 1:
                served.body = blob

        server.paths["/m"].on_request = heal
        report = get(url, body=blob, chunks=True)
        assert get.target.read_bytes() == blob
        assert report.repeated == CHUNK_SIZE


class TestHere:
    def test_a_file_of_this_machine_is_copied(self, get: Get, tmp_path: Path, blob: bytes) -> None:
        path = tmp_path / "there.gguf"
        path.write_bytes(blob)
        report = get.fetcher.fetch(RemoteFile((), path=str(path)), get.target, get.watch)
        assert get.target.read_bytes() == blob
        assert (report.received, get.watch.done) == (0, len(blob))

    def test_one_that_is_not_there_is_named(self, get: Get, tmp_path: Path) -> None:
        remote = RemoteFile((), path=str(tmp_path / "absent.gguf"))
        with pytest.raises(NotFound, match=r"absent\.gguf"):
            get.fetcher.fetch(remote, get.target, get.watch)


def test_the_cap_spreads_the_work_of_every_connection(
    server: Server, client: HttpClient, target: Path, blob: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each byte is charged once: the waits add up to what the rate demands."""
    charged: list[int] = []

    def reserve(self: TokenBucket, amount: int) -> float:
        charged.append(amount)
        return 0.0

    monkeypatch.setattr(TokenBucket, "reserve", reserve)
    remote = RemoteFile((server.serve("/m", blob),), len(blob))
    Fetcher(client, limit=800_000).fetch(remote, target, Watch())
    assert sum(charged) == len(blob)
    assert max(charged) <= 100_000
