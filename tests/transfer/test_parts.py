"""Reading parts: just those, in few requests, and nothing believed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from tests.serving import FileServer

from freehold.errors import HashMismatch, NotFound, SourceError, Unreachable
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.parts import PartReader, look_at

BODY = bytes(range(251)) * 4000
SIZE = len(BODY)


@pytest.fixture
def files() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


def test_only_the_parts_are_fetched_and_neighbours_in_one_request(
    client: HttpClient, files: FileServer
) -> None:
    url = files.serve("/f", BODY)
    reader = PartReader(client)
    parts = [(10, 20), (20, 45), (5000, 6000), (SIZE - 3, SIZE)]
    got = list(reader.read(RemoteFile((url,)), url, parts, SIZE))
    assert got == [(part, BODY[part[0] : part[1]]) for part in parts]
    assert files.shelves["/f"].asked == [(10, 45), (5000, 6000), (SIZE - 3, SIZE)]
    assert reader.received == files.sent == 35 + 1000 + 3


def test_from_a_server_without_parts_one_reading_gives_them_all(
    client: HttpClient, files: FileServer
) -> None:
    url = files.serve("/f", BODY)
    files.shelves["/f"].ranges = False
    reader = PartReader(client)
    parts = [(10, 300_000), (400_000, 400_001), (SIZE - 1, SIZE)]
    got = list(reader.read(RemoteFile((url,)), url, parts, SIZE))
    assert got == [(part, BODY[part[0] : part[1]]) for part in parts]
    assert (files.requests, reader.received) == (1, SIZE)


def test_what_came_before_a_break_is_given(client: HttpClient, files: FileServer) -> None:
    url = files.serve("/f", BODY)
    files.shelves["/f"].cut_after = 1500
    got: list[tuple[tuple[int, int], bytes]] = []
    with pytest.raises(Unreachable):
        got += PartReader(client).read(RemoteFile((url,)), url, [(0, 1000), (1000, 3000)], SIZE)
    stream = PartReader(client).read(RemoteFile((url,)), url, [(0, 1000), (1000, 3000)], SIZE)
    assert next(stream) == ((0, 1000), BODY[:1000])
    with pytest.raises(Unreachable):
        next(stream)


def test_nothing_more_is_asked_once_it_is_not_wanted(client: HttpClient, files: FileServer) -> None:
    url = files.serve("/f", BODY)
    got: list[bytes] = []
    reader = PartReader(client)
    parts = [(0, 10), (100, 110), (200, 210)]
    for _, data in reader.read(RemoteFile((url,)), url, parts, SIZE, lambda: len(got) < 2):
        got.append(data)
    assert len(got) == 2
    assert files.requests == 2


def test_a_file_of_another_size_is_refused(client: HttpClient, files: FileServer) -> None:
    url = files.serve("/f", BODY)
    remote = RemoteFile((url,))
    with pytest.raises(HashMismatch, match="1,004,000 bytes"):
        look_at(client, remote, url, SIZE + 1)
    with pytest.raises(HashMismatch):
        list(PartReader(client).read(remote, url, [(0, 10)], SIZE + 1))


def test_a_look_tells_whether_parts_are_given_and_costs_next_to_nothing(
    client: HttpClient, files: FileServer
) -> None:
    url = files.serve("/f", BODY)
    assert look_at(client, RemoteFile((url,)), url, SIZE).ranged
    assert files.sent == 1
    files.shelves["/f"].ranges = False
    assert not look_at(client, RemoteFile((url,)), url, SIZE).ranged


def test_what_is_not_there_or_is_a_web_page(client: HttpClient, files: FileServer) -> None:
    url = files.serve("/page", b"<html>", "text/html")
    with pytest.raises(NotFound, match="web page"):
        look_at(client, RemoteFile((url,)), url, 6)
    with pytest.raises(SourceError):
        list(PartReader(client).read(RemoteFile((url,)), url, [(0, 3)], 6))
    gone = f"http://{files.host}/gone"
    with pytest.raises(NotFound):
        look_at(client, RemoteFile((gone,)), gone, 6)


def test_a_cap_is_kept_to(
    client: HttpClient, files: FileServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits: list[float] = []
    monkeypatch.setattr("freehold.transfer.parts.time.sleep", waits.append)
    url = files.serve("/f", BODY)
    list(PartReader(client, limit=100_000).read(RemoteFile((url,)), url, [(0, SIZE)], SIZE))
    assert max(waits) > 5
