"""Clients that mean harm, and disks that fail. What was tried is counted and printed."""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import quote

import pytest
from tests.server.hub.conftest import APPLE, PEAR, SECRET, Hub, Share

from freehold.server.hub.proven import ProvingAgain
from freehold.server.hub.sending import Connections, SendingHttp
from freehold.server.patience import PatientHttp
from freehold.store.store import Store

FILE = "/freehold/apple/resolve/main/apple-Q4_0.gguf"
LARGE = "/freehold/pear/resolve/main/pear.gguf"
OUTSIDE = (
    "../secret/resolve/main/secret.gguf",
    "../../../../../../etc/passwd",
    "/etc/passwd",
    "//etc/passwd",
    "..\\..\\ledger.sqlite",
    "ledger.sqlite",
    "keys.json",
    "apple-Q4_0.gguf\0.png",
    "\0",
    "./apple-Q4_0.gguf",
    "C:\\Windows\\win.ini",
    "~/.ssh/id_rsa",
)
FOLDERS = (
    "/freehold/apple/resolve/main/",
    "/freehold/apple/raw/main/",
    "/orchard/apples/resolve/main/",
    "/v2/freehold/apple/blobs/",
    "/v2/freehold/apple/manifests/",
    "/freehold/blobs/",
    "/freehold/chunks/",
    "/assets/",
    "/api/models/freehold/apple/tree/main/",
    "/",
)


def _written(path: str) -> Iterator[str]:
    """As it stands where it can be sent so, percent-encoded once, twice, and dots too."""
    once = quote(path, safe="")
    dots = once.replace(".", "%2e")
    if "\0" not in path:
        yield path
    yield from (once, quote(once, safe=""), dots, quote(dots, safe=""), dots.replace("%2e", "%2E"))
    yield once.replace("%2F", "%c0%af")


def test_nothing_outside_is_readable(shared: Hub, capsys: pytest.CaptureFixture[str]) -> None:
    tried = 0
    for folder in FOLDERS:
        for outside in OUTSIDE:
            for written in _written(outside):
                status, body = shared.ask_exactly(folder + written)
                tried += 1
                assert status in {400, 404}, folder + written
                assert SECRET not in body
                assert b"root:" not in body
    with capsys.disabled():
        print(f"\n  {tried} paths outside: none readable")


def test_no_name_of_another_model_can_be_had(shared: Hub) -> None:
    with Store.open(shared.sharing.owned[0][0].home) as store:
        secret = store.find("secret")
    digest = str(secret.weights.digest)
    for path in (
        "/freehold/secret/resolve/main/secret.gguf",
        "/api/models/freehold/secret",
        f"/freehold/blobs/{digest}",
        f"/freehold/chunks/{digest}",
        f"/v2/freehold/apple/blobs/{digest}",
        "/v2/freehold/secret/manifests/latest",
    ):
        assert shared.ask(path).status == 404, path
    for path in ("/", "/api/models", "/v2/_catalog", "/freehold/models.json"):
        assert b"secret" not in shared.ask(path).data, path


@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "BREW"])
def test_nothing_can_be_changed(shared: Hub, method: str) -> None:
    for path in (FILE, "/", "/v2/freehold/apple/manifests/latest", "/freehold/models.json"):
        answer = shared.ask(path, method)
        assert answer.status in {400, 405}, path
    assert shared.ask(FILE, "HEAD").status == 200


@pytest.mark.parametrize(
    ("asked", "status", "begin", "end"),
    [
        ("bytes=0-0", 206, 0, 1),
        ("bytes=5-9", 206, 5, 10),
        ("bytes=-5", 206, len(APPLE) - 5, len(APPLE)),
        ("bytes=3500000-", 206, 3_500_000, len(APPLE)),
        ("bytes=0-99999999999", 206, 0, len(APPLE)),
        ("bytes=-99999999999", 206, 0, len(APPLE)),
        ("bytes=99999999999-", 416, 0, 0),
        (f"bytes={len(APPLE)}-", 416, 0, 0),
        ("bytes=-0", 416, 0, 0),
        ("bytes=9-5", 200, 0, len(APPLE)),
        ("bytes=--5", 200, 0, len(APPLE)),
        ("bytes=-", 200, 0, len(APPLE)),
        ("bytes=a-b", 200, 0, len(APPLE)),
        ("bytes=" + "9" * 4000 + "-", 200, 0, len(APPLE)),
        ("lines=0-5", 200, 0, len(APPLE)),
        ("bytes=0-5,3-9", 200, 0, len(APPLE)),
        ("bytes=" + ",".join(["0-"] * 10_000), 200, 0, len(APPLE)),
        ("bytes=" + ",".join(f"{n}-{n}" for n in range(5000)), 200, 0, len(APPLE)),
    ],
    ids=lambda value: str(value)[:24],
)
def test_ranges(shared: Hub, asked: str, status: int, begin: int, end: int) -> None:
    answer = shared.ask(FILE, Range=asked)
    assert answer.status == status
    if status == 416:
        assert answer.headers["Content-Range"] == f"bytes */{len(APPLE)}"
        return
    assert answer.data == APPLE[begin:end]
    told = f"bytes {begin}-{end - 1}/{len(APPLE)}" if status == 206 else None
    assert answer.headers.get("Content-Range") == told


def test_head_tells_what_get_gives(shared: Hub) -> None:
    repository = shared.sharing.shelf.repositories["freehold/apple"]
    paths = [f"/freehold/apple/resolve/main/{path}" for path in repository.files]
    digest = repository.files["apple-Q4_0.gguf"].digest
    paths += [f"/v2/freehold/apple/blobs/{digest}", f"/freehold/blobs/{digest}"]
    paths += ["/v2/freehold/apple/manifests/latest", "/freehold/models.json", "/"]
    for path in paths:
        get, head = shared.ask(path), shared.ask(path, "HEAD")
        assert (head.status, head.data) == (get.status, b"")
        assert dict(head.headers) == dict(get.headers), path
        assert int(head.headers["Content-Length"]) == len(get.data), path


def test_who_has_it_is_told_so_and_sent_nothing(shared: Hub) -> None:
    etag = shared.ask(FILE, "HEAD").headers["ETag"]
    again = shared.ask(FILE, If_None_Match=etag)
    assert (again.status, again.data) == (304, b"")
    assert shared.ask(FILE, Range="bytes=0-3", If_Range=etag).data == APPLE[:4]
    assert shared.ask(FILE, Range="bytes=0-3", If_Range='"other"').data == APPLE


def test_other_peoples_pages_and_names_are_turned_away(shared: Hub) -> None:
    assert shared.ask("/freehold/models.json", Host="evil.example").status == 403
    assert shared.ask("/freehold/models.json", Sec_Fetch_Site="cross-site").status == 403
    assert shared.ask("/freehold/models.json", Origin="https://evil.example").status == 403


def _connect(hub: Hub, source: str = "127.0.0.1") -> socket.socket:
    return socket.create_connection(("127.0.0.1", hub.port), 30, source_address=(source, 0))


def test_a_thousand_connections_leave_room_for_others(
    orchard: Path, share: Share, capsys: pytest.CaptureFixture[str]
) -> None:
    if not os.path.exists("/proc/net"):  # noqa: PTH110 - a question to the system, not a file
        pytest.skip("only Linux has all of 127/8")
    hub = share(orchard, "apple")
    held = []
    try:
        for _ in range(1000):
            connection = _connect(hub, "127.0.0.2")
            held.append(connection)
        answer = hub.ask(FILE)
        assert (answer.status, answer.data) == (200, APPLE)
        assert hub.connections.turned_away >= 1000 - hub.connections.most_from_one
        assert hub.connections.total <= hub.connections.most_from_one + 2
        turned = hub.connections.turned_away
    finally:
        for connection in held:
            connection.close()
    with capsys.disabled():
        print(f"\n  1000 connections: {turned} turned away, another client served")


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that waits for a fifth of a second, where it would for minutes."""
    monkeypatch.setattr(PatientHttp, "header_seconds", 0.2)
    monkeypatch.setattr(SendingHttp, "piece_seconds", 0.2)


def _drained(connection: socket.socket) -> int:
    """How many bytes come until the other side ends it."""
    total = 0
    try:
        while block := connection.recv(1 << 20):
            total += len(block)
    except ConnectionError:
        pass  # that is one way to end it
    return total


@pytest.mark.usefixtures("impatient")
def test_who_does_not_read_or_does_not_ask_is_let_go(orchard: Path, share: Share) -> None:
    connections = Connections()
    hub = share(orchard, "apple", "pear", connections=connections)
    with _connect(hub) as deaf, _connect(hub) as mute, _connect(hub) as slow:
        deaf.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        slow.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert hub.ask(FILE).data == APPLE  # while they hang about
        assert _drained(mute) == 0
        assert _drained(slow) == 0
        left = threading.Event()
        while connections.total > 1 and not left.wait(0.02):
            pass  # until the deaf one is let go too: our own pool has one
        assert _drained(deaf) < len(PEAR)


def test_a_client_that_goes_away_costs_nothing(orchard: Path, share: Share) -> None:
    hub = share(orchard, "pear")
    for _ in range(20):
        with _connect(hub) as gone:
            gone.sendall(f"GET {LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            assert gone.recv(1000).startswith(b"HTTP/1.1 200")
    assert hub.ask(LARGE).data == PEAR
    waited = threading.Event()
    while hub.connections.total > 1 and not waited.wait(0.02):
        pass  # our own pool has one


def test_a_cap_holds_for_all_and_loses_nothing(orchard: Path, share: Share) -> None:
    hub = share(orchard, "apple", limit=50_000_000)
    assert hub.ask(FILE).data == APPLE
    assert hub.ask(FILE, Range="bytes=7-3000000").data == APPLE[7:3_000_001]


Flip = Callable[[Path, int], None]


def _weights(home: Path) -> Path:
    with Store.open(home) as store:
        return store.blob_path(store.find("apple").weights.digest)


def _spoil(path: Path) -> None:
    """Change a byte as a program does: the time changes with it."""
    path.chmod(0o644)
    with path.open("r+b") as file:
        file.seek(1_500_000)
        file.write(b"spoilt")


def _settled(hub: Hub, path: str) -> tuple[int, bytes]:
    """The answer once the file has been proven again."""
    waited = threading.Event()
    for _ in range(1500):
        if (answer := hub.ask(path)).status != 503:
            return answer.status, answer.data
        assert answer.headers["Retry-After"] == str(ProvingAgain.retry_seconds)
        waited.wait(0.02)
    raise AssertionError("it was never proven again")


def test_what_is_damaged_meanwhile_is_not_served(my_orchard: Path, share: Share) -> None:
    hub = share(my_orchard, "apple")
    assert hub.ask(FILE).status == 200
    _spoil(_weights(my_orchard))
    assert hub.ask(FILE).status == 503
    status, body = _settled(hub, FILE)
    assert status == 500
    assert b"damaged" in body
    digest = hub.sharing.shelf.models[0].files[0].digest
    for path in (f"/v2/freehold/apple/blobs/{digest}", f"/freehold/blobs/{digest}"):
        answer = hub.ask(path)
        assert answer.status == 500
        assert b"damaged" in answer.data
    assert hub.ask("/freehold/apple/resolve/main/LICENSE").status == 200


def test_what_was_only_touched_is_served_again(my_orchard: Path, share: Share) -> None:
    hub = share(my_orchard, "apple")
    os.utime(_weights(my_orchard))
    assert _settled(hub, FILE) == (200, APPLE)


def test_a_model_that_is_removed_while_it_is_served(my_orchard: Path, share: Share) -> None:
    hub = share(my_orchard, "apple", "pear")
    with _connect(hub) as reading:
        request = f"GET {LARGE} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        reading.sendall(request.encode())
        first = reading.recv(1000)
        with Store.open(my_orchard) as store:
            store.remove(store.find("pear"))
        head = first.partition(b"\r\n\r\n")[0]
        assert len(first) + _drained(reading) - len(head) - 4 == len(PEAR)
    answer = hub.ask(LARGE)
    assert answer.status == 404
    assert b"not" in answer.data
    assert hub.ask(FILE).status == 200
