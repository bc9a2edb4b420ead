"""Peers asked over a real connection: the key, the freshness and the list, each proven."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.relay import relay
from tests.server.hub.conftest import Hub, fill, hub

from freehold.actions.at_once import at_once
from freehold.actions.peers import KnownPeer, add, ask_peer, known_peers, listing_of, meet, trust
from freehold.errors import (
    FreeholdError,
    HashMismatch,
    IntegrityError,
    NotFound,
    SourceError,
    Unreachable,
    UsageError,
)
from freehold.share.known_peers import MetPeer, PeerBook
from freehold.share.signing.identity import Identity, own_identity
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKeys


@pytest.fixture(scope="module")
def ana(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return own_identity(tmp_path_factory.mktemp("ana"), "Ana's laptop")


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("orchard"))


@pytest.fixture(scope="module")
def anas(filled: Path, ana: Identity) -> Iterator[Hub]:
    """Ana shares `apple` and proves that it is her."""
    with hub(filled, "apple", identity=ana) as running:
        yield running


@pytest.fixture(scope="module")
def nobodys(filled: Path) -> Iterator[Hub]:
    """A hub without a key."""
    with hub(filled, "apple", "pear") as running:
        yield running


def peer_at(place: str, key: PublicKey) -> KnownPeer:
    host, _, port = place.rpartition(":")
    return KnownPeer("Ana", host, int(port), key)


def test_a_known_peer_says_what_it_shares(anas: Hub, ana: Identity) -> None:
    listing = ask_peer(peer_at(anas.host, ana.key))
    assert listing.key == ana.key
    assert listing.listed_at is not None
    (model,) = listing.models
    shared = anas.sharing.shelf.models[0]
    assert (model.name, model.id, model.size) == ("apple", shared.id, shared.size)
    assert listing.having(shared.model.weights.digest) == (model,)


def test_another_key_gets_no_further(anas: Hub, nobodys: Hub) -> None:
    other = PublicKey("b" * 64)
    with pytest.raises(IntegrityError, match=f"should have the key .* {other.code}"):
        ask_peer(peer_at(anas.host, other))
    with pytest.raises(IntegrityError, match="and shows none"):
        ask_peer(peer_at(nobodys.host, other))
    assert listing_of("127.0.0.1", nobodys.port).introduction is None


def test_who_passes_on_what_ana_says_is_not_ana(anas: Hub, ana: Identity) -> None:
    with (
        relay(anas.address) as place,
        pytest.raises(IntegrityError, match="a proof that was made for"),
    ):
        ask_peer(peer_at(place, ana.key))
    # The port in the proof is the hub's own, whatever name it is asked by.
    with (
        relay(anas.address, as_hub=False) as place,
        pytest.raises(IntegrityError, match="a proof that was made for"),
    ):
        ask_peer(peer_at(place, ana.key))


def test_an_old_proof_is_told(anas: Hub, ana: Identity) -> None:
    """The proof of yesterday, with the list of yesterday."""
    old = anas.ask("/freehold/hello?nonce=" + "0" * 32).data

    with (
        relay(anas.address, lambda path, body: old if "hello" in path else body) as place,
        pytest.raises(IntegrityError, match="an old proof"),
    ):
        ask_peer(peer_at(place, ana.key))


def test_a_list_that_the_key_does_not_vouch_for(
    anas: Hub, ana: Identity, monkeypatch: pytest.MonkeyPatch
) -> None:
    def change(path: str, body: bytes) -> bytes:
        if "models" not in path:
            return body
        told = json.loads(body)
        told["models"][0]["files"][0]["digest"] = "sha256:" + "0" * 64
        return json.dumps(told).encode()

    # A relay that even the address in the proof is right for: it stands where the hub stood.
    from freehold.actions import peers

    monkeypatch.setattr(peers, "address_of", lambda *_: anas.host)
    with relay(anas.address, change) as place:
        real = peers._get

        def through(client: object, url: str, limit: int, what: str) -> bytes:
            return real(client, url.replace(anas.host, place), limit, what)  # type: ignore[arg-type]

        monkeypatch.setattr(peers, "_get", through)
        with pytest.raises(HashMismatch, match="another list"):
            ask_peer(peer_at(anas.host, ana.key))


def test_nobody_is_sent_elsewhere(anas: Hub) -> None:
    with relay(anas.address, lambda path, _: anas.address + path) as place:
        host, _, port = place.rpartition(":")
        with pytest.raises(SourceError):
            meet(host, int(port))


@pytest.mark.parametrize(
    "answer", [b"", b"{}", b"x" * 20_000, b"[" * 10_000, b"<html></html>"], ids=len
)
def test_other_servers_are_said(anas: Hub, answer: bytes) -> None:
    with relay(anas.address, lambda *_: answer) as place:
        host, _, port = place.rpartition(":")
        with pytest.raises(SourceError):
            meet(host, int(port))


def test_where_nothing_is_or_no_freehold(anas: Hub) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        with pytest.raises(Unreachable):
            meet("127.0.0.1", taken.getsockname()[1])
    from tests.serving import FileServer

    with FileServer() as server, pytest.raises(NotFound, match="proves nothing"):
        meet("127.0.0.1", int(server.host.rpartition(":")[2]))


def test_a_peer_is_added_and_then_trusted(anas: Hub, ana: Identity, home: Path) -> None:
    met = add(home, anas.host)
    assert met == MetPeer("Ana's laptop", "127.0.0.1", anas.port, ana.key)
    assert known_peers(home) == ()
    trust(home, met)
    (known,) = known_peers(home)
    assert (known.name, known.port, known.key) == ("Ana's laptop", anas.port, ana.key)
    assert add(home, anas.host, "Ana") == MetPeer("Ana", "127.0.0.1", anas.port, ana.key)


def test_a_known_name_with_another_key_is_refused(
    anas: Hub, filled: Path, home: Path, tmp_path: Path
) -> None:
    KnownKeys(home).trust(own_identity(tmp_path / "true").key, "Ana's laptop")
    with pytest.raises(IntegrityError, match="is NOT the key that you know as Ana's laptop"):
        add(home, anas.host)
    assert PeerBook(home).all() == ()
    assert add(home, anas.host, "Ana's other one").name == "Ana's other one"


def test_a_key_that_changed_is_refused(anas: Hub, home: Path) -> None:
    PeerBook(home).keep(MetPeer("Ana's laptop", "127.0.0.1", anas.port, PublicKey("c" * 64)))
    with pytest.raises(IntegrityError, match="had another when you met it"):
        add(home, anas.host)


def test_nothing_is_trusted_without_a_key_nor_oneself(
    nobodys: Hub, anas: Hub, home: Path, ana: Identity
) -> None:
    with pytest.raises(UsageError, match="without a key"):
        trust(home, add(home, nobodys.host, "somebody"))
    own = own_identity(home)
    with pytest.raises(UsageError, match="your own"):
        trust(home, MetPeer("me", "127.0.0.1", 1, own.key))


def test_one_that_does_not_answer_keeps_nobody_waiting() -> None:
    from threading import Event

    never = Event()

    def slow() -> str:
        never.wait(10)
        return "late"

    def wrong() -> str:
        raise NotFound("no")

    quick, late, error = at_once([lambda: "quick", slow, wrong], 0.2)
    never.set()
    assert quick == "quick"
    assert isinstance(late, Unreachable)
    assert isinstance(error, FreeholdError)
    with pytest.raises(ZeroDivisionError):
        at_once([lambda: 1 // 0], 5)
