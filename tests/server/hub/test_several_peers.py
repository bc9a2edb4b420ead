"""Getting a model from several Freeholds at once: who feeds it, who is asked, who lies.

What was tried is counted and printed.
"""

from __future__ import annotations

import hashlib
import json
import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
from tests.actions.test_get import Notes
from tests.server.hub.conftest import APPLE, PEAR, Hub, Share
from tests.serving import FileServer
from tests.serving import hub as public_hub

from freehold.actions import peer_copies
from freehold.actions.get import Got, get
from freehold.actions.peer_copies import Near, near
from freehold.actions.peers import trust
from freehold.errors import AmbiguousName, FreeholdError, NotFound, UsageError
from freehold.names import Digest, ModelRef
from freehold.settings import Settings
from freehold.share.known_peers import MetPeer
from freehold.share.signing.identity import own_identity
from freehold.store.store import Store

MIB = 1 << 20
PEAR_HASH = hashlib.sha256(PEAR).hexdigest()


def get_from(home: Path, ref: str, *peers: str, notes: Notes | None = None) -> Got:
    asked = [Near(f"peer {number}", place) for number, place in enumerate(peers, 1)]
    with Store.open(home) as store:
        settings = Settings(home=home)
        return get(store, settings, ModelRef.parse(ref), peers=asked, progress=notes or Notes())


def weights(home: Path, name: str = "pear") -> bytes:
    with Store.open(home) as store:
        return store.blob_path(store.find(name).weights.digest).read_bytes()


@pytest.mark.parametrize("ref", ["pear", f"sha256:{PEAR_HASH}"])
def test_a_name_and_a_hash_are_filled_from_all_that_have_them(
    orchard: Path, home: Path, share: Share, ref: str
) -> None:
    hubs = [share(orchard, "pear", limit=60e6) for _ in range(3)]
    got = get_from(home, ref, *(each.host for each in hubs))
    assert weights(home) == PEAR
    assert {host for host, _ in got.hosts} == {each.host for each in hubs}
    assert sum(amount for _, amount in got.hosts) >= len(PEAR)


def test_what_is_owned_is_not_asked_for(orchard: Path, share: Share) -> None:
    notes = Notes()
    for ref in ("pear", f"sha256:{PEAR_HASH}"):
        assert get_from(orchard, ref, "127.0.0.1:1", notes=notes).was_owned
    assert notes.said == []


def test_peers_that_mean_different_bytes_are_not_chosen_between(
    orchard: Path, home: Path, share: Share, tmp_path: Path
) -> None:
    one = share(orchard, "apple")
    with Store.open(tmp_path / "other") as store:
        file = tmp_path / "apple.gguf"
        file.write_bytes(PEAR)
        get(store, Settings(home=store.home), ModelRef.parse(str(file)), name="apple")
    other = share(tmp_path / "other", "apple")
    with pytest.raises(AmbiguousName) as caught:
        get_from(home, "apple", one.host, other.host)
    assert one.host in str(caught.value.hint)
    assert PEAR_HASH[:12] in str(caught.value.hint)


def test_a_place_with_a_hash_is_filled_from_peers_first(
    home: Path, tmp_path: Path, share: Share
) -> None:
    with FileServer() as public:
        public_hub(public, {"m.gguf": 3 * MIB})
        with pytest.MonkeyPatch.context() as patch:
            patch.setenv("HF_ENDPOINT", f"http://{public.host}")
            settings = Settings.load()
        ref = ModelRef.parse("hf:org/m:m.gguf")
        with Store.open(tmp_path / "peer") as store:
            get(store, settings, ref, name="m")
        peer, before = share(tmp_path / "peer", "m"), public.sent
        with Store.open(home) as store:
            got = get(store, settings, ref, peers=[Near("desk", peer.host)])
        assert [host for host, _ in got.hosts] == [peer.host]
        assert public.sent - before < MIB
        peer.server.stop()
        with Store.open(tmp_path / "third") as store:
            got = get(store, settings, ref, peers=[Near("desk", peer.host)])
        assert [host for host, _ in got.hosts] == [public.host]


def test_nobody_is_asked_for_what_no_peer_could_have(home: Path, tmp_path: Path) -> None:
    notes, file = Notes(), tmp_path / "m.gguf"
    file.write_bytes(APPLE)
    get_from(home, str(file), "127.0.0.1:1", notes=notes)
    assert not any("Asking" in each for each in notes.said)


def test_a_hash_must_be_whole_and_somebody_must_have_it(home: Path) -> None:
    with pytest.raises(UsageError, match="64 hexadecimal digits"):
        get_from(home, "sha256:abcdef")
    with pytest.raises(NotFound, match="None of your peers"):
        get_from(home, f"sha256:{'0' * 64}", "127.0.0.1:1")


Change = Callable[[dict[str, Any], dict[str, bytes]], None]


def _chunks(body: bytes) -> bytes:
    pieces = [body[at : at + MIB] for at in range(0, len(body), MIB)]
    return b"".join(hashlib.sha256(piece).digest() for piece in pieces)


def _other_hash(told: dict[str, Any], _: dict[str, bytes]) -> None:
    told["digest"] = "sha256:" + "1" * 64


def _other_bytes(_: dict[str, Any], shelf: dict[str, bytes]) -> None:
    shelf["blobs"] = shelf["blobs"][::-1]


def _other_chunks(told: dict[str, Any], shelf: dict[str, bytes]) -> None:
    """Chunk hashes of other bytes, which it has: all of it fits together, and is wrong."""
    _other_bytes(told, shelf)
    shelf["chunks"] = _chunks(shelf["blobs"])
    told["root"] = f"sha256:{hashlib.sha256(shelf['chunks']).hexdigest()}"


def _false_chunks(told: dict[str, Any], shelf: dict[str, bytes]) -> None:
    """Chunk hashes that nothing fits, with the right bytes."""
    shelf["chunks"] = bytes(len(shelf["chunks"]))
    told["root"] = f"sha256:{hashlib.sha256(shelf['chunks']).hexdigest()}"


def _endless_chunks(_: dict[str, Any], shelf: dict[str, bytes]) -> None:
    shelf["chunks"] = bytes(64 * MIB)


def _large(told: dict[str, Any], _: dict[str, bytes]) -> None:
    told["size"] = 1 << 43


def _nested(_: dict[str, Any], shelf: dict[str, bytes]) -> None:
    shelf["list"] = b"[" * 200_000


def _gigantic(_: dict[str, Any], shelf: dict[str, bytes]) -> None:
    shelf["list"] = b" " * (17 * MIB)


def _nothing(_: dict[str, Any], shelf: dict[str, bytes]) -> None:
    shelf["blobs"] = b""


LIES: tuple[Change, ...] = (
    _other_hash,
    _other_bytes,
    _other_chunks,
    _false_chunks,
    _endless_chunks,
    _large,
    _nested,
    _gigantic,
    _nothing,
)


def _liar(stack: ExitStack, honest: Hub, change: Change) -> FileServer:
    """A server that says what an honest hub says of `pear`, but for one thing."""
    server = stack.enter_context(FileServer())
    (model,) = honest.ask("/freehold/models.json").json()["models"]
    (file,) = model["files"]
    model["documents"] = []
    shelf = {"blobs": PEAR, "chunks": _chunks(PEAR)}
    change(file, shelf)
    told = json.dumps({"format": 1, "models": [model]}).encode()
    server.serve("/freehold/models.json", shelf.get("list", told), "application/json")
    for part in ("blobs", "chunks"):
        server.serve(f"/freehold/{part}/{file['digest']}", shelf[part])
    return server


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Less patience than for a real network."""
    monkeypatch.setattr(peer_copies, "CHUNKS_SECONDS", 3.0)


@pytest.fixture
def liars(orchard: Path, share: Share) -> Iterator[tuple[Hub, list[FileServer]]]:
    """An honest hub, and a liar of each kind."""
    honest = share(orchard, "pear")
    with ExitStack() as stack:
        yield honest, [_liar(stack, honest, lie) for lie in LIES]


@pytest.mark.usefixtures("quick")
def test_all_liars_at_once_and_one_honest_peer(
    home: Path, liars: tuple[Hub, list[FileServer]], capsys: pytest.CaptureFixture[str]
) -> None:
    honest, lying = liars
    got = get_from(home, f"sha256:{PEAR_HASH}", *(each.host for each in lying), honest.host)
    assert weights(home) == PEAR
    assert got.model.weights.digest.hex == PEAR_HASH
    requests = sum(server.requests for server in lying)
    wasted = got.fetched_bytes - len(PEAR)
    assert requests <= 40 * len(lying)
    assert wasted <= 4 * len(PEAR)
    with capsys.disabled():
        print(
            f"\n  {len(lying)} liars and one honest peer: 0 wrong bytes owned, {requests} requests "
            f"to liars, {wasted / len(PEAR):.1f} times the file wasted"
        )


@pytest.mark.usefixtures("quick")
def test_liars_alone_give_a_clear_error(home: Path, liars: tuple[Hub, list[FileServer]]) -> None:
    honest, lying = liars
    honest.server.stop()
    wrong = [each for each, lie in zip(lying, LIES, strict=True) if lie is not _false_chunks]
    with pytest.raises(FreeholdError) as caught:
        get_from(home, f"sha256:{PEAR_HASH}", *(each.host for each in wrong))
    assert caught.value.exit_code in {1, 4}
    with Store.open(home) as store:
        assert store.models() == []
        assert not store.has(Digest(PEAR_HASH))


def test_a_trusted_peer_must_prove_its_key(
    orchard: Path, home: Path, share: Share, tmp_path: Path
) -> None:
    ana, eve = (own_identity(tmp_path / name, name) for name in ("ana", "eve"))
    honest, other = share(orchard, "pear", identity=ana), share(orchard, "pear", identity=eve)
    settings = Settings(home=home)
    trust(home, MetPeer("Ana", "127.0.0.1", honest.port, ana.key))
    assert [peer.name for peer in near(settings, [])] == ["Ana"]
    assert near(settings, [], ask_known=False) == []
    assert near(Settings(home=home, peers=False), []) == []
    notes = Notes()
    pretender = Near("Ana", other.host, ana.key)
    with Store.open(home) as store:
        ref = ModelRef.parse("pear")
        with pytest.raises(NotFound):
            get(store, settings, ref, peers=[pretender], progress=notes)
        got = get(store, settings, ref, peers=[pretender, *near(settings, [])], progress=notes)
    assert [host for host, _ in got.hosts] == [honest.host]
    assert any("Ana is of no help" in said and eve.key.code in said for said in notes.said)


def test_the_command_says_whom_it_asks_and_who_gave(
    orchard: Path, home: Path, share: Share
) -> None:
    hub = share(orchard, "pear")
    words = ["get", "pear", "--peer", hub.host, "--peer", "127.0.0.1:1"]
    command = [sys.executable, "-m", "freehold", *words]
    environment = {**os.environ, "FREEHOLD_HOME": str(home)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert f"Asking {hub.host}, 127.0.0.1:1." in done.stderr
    assert "127.0.0.1:1 does not answer." in done.stderr
    assert f"from {hub.host}" in done.stderr
    assert weights(home) == PEAR


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127/8")
def test_the_owners_use_and_other_peers_go_on_under_a_flood(
    orchard: Path, home: Path, share: Share, capsys: pytest.CaptureFixture[str]
) -> None:
    hub = share(orchard, "apple", "pear")
    ranges = "bytes=" + ",".join(["0-"] * 10)
    asked = f"GET /freehold/blobs/sha256:{PEAR_HASH} HTTP/1.1"
    request = f"{asked}\r\nHost: 127.0.0.1\r\nRange: {ranges}\r\n\r\n"
    with ExitStack() as stack:
        for _ in range(1000):
            flood = stack.enter_context(socket.socket())
            flood.bind(("127.0.0.2", 0))
            flood.connect(("127.0.0.1", hub.port))
            with suppress(OSError):  # turned away already
                flood.sendall(request.encode())
        with Store.open(orchard) as store:
            assert len(store.models()) == 3
        assert get_from(home, "apple", hub.host).fetched_bytes >= len(APPLE)
        assert get_from(home, "apple", hub.host).was_owned
        assert weights(home, "apple") == APPLE
        turned = hub.connections.turned_away
    assert turned >= 1000 - hub.connections.most_from_one
    with capsys.disabled():
        print(
            f"\n  1000 connections with 10,000 ranges: {turned} turned away; list and get went on"
        )
