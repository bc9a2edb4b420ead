"""A remote file read like a local one."""

from __future__ import annotations

import io
import random
import zipfile
from typing import TYPE_CHECKING

import pytest

from freehold.errors import NotFound, SourceError
from freehold.transfer.http import HttpClient
from freehold.transfer.ranged import BLOCK, RangedFile

if TYPE_CHECKING:
    from tests.transfer.conftest import Server


@pytest.mark.parametrize("begin", ["head", "tail"])
@pytest.mark.parametrize("size", [1, 1000, BLOCK, BLOCK + 1, 20 * BLOCK + 77])
@pytest.mark.parametrize("ranges", [True, False])
def test_it_reads_what_a_local_file_reads(
    server: Server, client: HttpClient, blob: bytes, begin: str, size: int, ranges: bool
) -> None:
    body = blob[:size]
    rng = random.Random(size)
    url = server.serve("/m", body, ranges=ranges)
    with RangedFile(client, url, begin="tail" if begin == "tail" else "head") as remote:
        local = io.BytesIO(body)
        assert remote.size == size
        for _ in range(40):
            position, whence = rng.choice(
                [(rng.randrange(size + 10), 0), (-rng.randrange(size + 1), 2)]
            )
            amount = rng.choice([1, 100, BLOCK, 3 * BLOCK])
            assert remote.seek(position, whence) == local.seek(position, whence)
            assert remote.read(amount) == local.read(amount)
            assert remote.tell() == local.tell()
        remote.seek(0)
        assert remote.readall() == body


def test_looking_into_a_zip_costs_little(server: Server, client: HttpClient, blob: bytes) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("big", blob)
        archive.writestr("small", b"word")
    url = server.serve("/z", packed.getvalue())
    with RangedFile(client, url, begin="tail") as remote, zipfile.ZipFile(remote) as archive:
        assert archive.namelist() == ["big", "small"]
        assert archive.read("small") == b"word"
        assert remote.fetched <= 3 * BLOCK
    assert server.sent["/z"] <= 3 * BLOCK


def test_reading_on_asks_for_more_at_a_time(
    server: Server, client: HttpClient, blob: bytes
) -> None:
    with RangedFile(client, server.serve("/m", blob)) as remote:
        while remote.read(BLOCK):
            pass
    assert len(server.requests) < len(blob) / BLOCK / 5
    assert server.sent["/m"] == len(blob)


def test_reading_too_much_is_refused(server: Server, client: HttpClient, blob: bytes) -> None:
    with (
        RangedFile(client, server.serve("/m", blob), limit=1 << 20) as remote,
        pytest.raises(SourceError, match="Too much"),
    ):
        remote.readall()


def test_what_is_not_there_says_so(server: Server, client: HttpClient) -> None:
    with pytest.raises(NotFound):
        RangedFile(client, f"http://{server.host}/absent")


@pytest.mark.parametrize("how", [{"shifted": 1}, {"html": True}, {"extra": 5}, {"claimed_size": 3}])
def test_a_lying_server_is_refused(
    server: Server, client: HttpClient, blob: bytes, how: dict[str, int]
) -> None:
    with pytest.raises(SourceError):
        RangedFile(client, server.serve("/m", blob, **how))


def test_without_ranges_only_the_beginning_is_read(server: Server, client: HttpClient) -> None:
    body = bytes(48 << 20)
    url = server.serve("/m", body, ranges=False)
    with RangedFile(client, url, limit=1 << 20) as remote:
        assert remote.size == len(body)
        assert remote.read(1000) == body[:1000]
        assert remote.fetched <= 1 << 20
        remote.seek(2 << 20)
        with pytest.raises(SourceError, match="Too much"):
            remote.read(1)
    assert server.sent["/m"] < len(body) // 2


def test_a_file_without_ranges_that_breaks_off_says_so(server: Server, client: HttpClient) -> None:
    url = server.serve("/m", bytes(1 << 20), ranges=False, cut_after=1000)
    with RangedFile(client, url) as remote, pytest.raises(SourceError, match="broke off"):
        remote.readall()


def test_neither_size_nor_parts_is_refused_beyond_the_limit(
    server: Server, client: HttpClient
) -> None:
    url = server.serve("/m", bytes(4 << 20), ranges=False, until_close=True)
    with pytest.raises(SourceError, match="no parts"):
        RangedFile(client, url, limit=1 << 20)
