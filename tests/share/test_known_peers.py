"""The book of peers: a key that is met once is held to."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.errors import IntegrityError, StorageError, UsageError
from freehold.share.known_peers import KnownPeer, MetPeer, PeerBook, known_peers
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKeys

ANA, BO = PublicKey("a" * 64), PublicKey("b" * 64)


def test_only_those_whose_key_is_trusted_are_known(home: Path) -> None:
    book = PeerBook(home)
    book.keep(MetPeer("Ana", "10.0.0.7", 2412, ANA))
    book.keep(MetPeer("Bo", "10.0.0.8", 2412, BO))
    book.keep(MetPeer("box", "10.0.0.9", 2412, None))
    assert known_peers(home) == ()
    KnownKeys(home).trust(ANA, "Ana at home")
    assert known_peers(home) == (KnownPeer("Ana at home", "10.0.0.7", 2412, ANA),)
    KnownKeys(home).forget("Ana at home")
    assert known_peers(home) == ()


def test_one_key_has_one_place_and_the_last_counts(home: Path) -> None:
    book = PeerBook(home)
    book.keep(MetPeer("Ana", "10.0.0.7", 2412, ANA))
    book.keep(MetPeer("Ana", "fd00::7", 2500, ANA))
    assert [peer.address for peer in PeerBook(home).all()] == ["[fd00::7]:2500"]


@pytest.mark.parametrize(
    "other",
    [
        MetPeer("Bo", "10.0.0.7", 2412, BO),
        MetPeer("Ana", "10.0.0.9", 2412, BO),
        MetPeer("Ana", "10.0.0.7", 2412, None),
    ],
)
def test_another_key_at_the_address_or_by_the_name_is_refused(home: Path, other: MetPeer) -> None:
    book = PeerBook(home)
    book.keep(MetPeer("Ana", "10.0.0.7", 2412, ANA))
    with pytest.raises(IntegrityError, match="had another when you met it") as caught:
        book.check(other)
    assert "forget 'Ana'" in str(caught.value.hint)
    book.check(MetPeer("Ana", "10.0.0.30", 2412, ANA))


def test_one_is_forgotten_by_name_or_address(home: Path) -> None:
    book = PeerBook(home)
    for word in ("Ana", "10.0.0.7:2412"):
        book.keep(MetPeer("Ana", "10.0.0.7", 2412, ANA))
        assert book.forget(word).key == ANA
        assert PeerBook(home).all() == ()
    with pytest.raises(UsageError, match="No peer is known as"):
        book.forget("Ana")


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"version":9}', '{"version":1,"peers":[{}]}', '{"version":1,"peers":[7]}'],
)
def test_a_book_that_makes_no_sense_is_said(home: Path, text: str) -> None:
    home.mkdir()
    (home / "peers.json").write_text(text)
    with pytest.raises(StorageError, match="cannot be read"):
        PeerBook(home)
