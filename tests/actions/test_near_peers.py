"""Who is near, judged by the owner's own lists. What is heard is given; the hubs are real."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.relay import relay
from tests.server.hub.conftest import Hub, fill, hub

from freehold.actions import near_peers
from freehold.actions.near_peers import NearPeer, Standing, announced_as, look_around
from freehold.actions.peers import add, known_peers, trust
from freehold.errors import UsageError
from freehold.share.discovery import browsing
from freehold.share.discovery.service import Heard
from freehold.share.known_peers import MetPeer, PeerBook
from freehold.share.signing.identity import Identity, own_identity
from freehold.share.signing.key import PublicKey
from freehold.share.signing.known_keys import KnownKeys

Hears = Callable[..., None]


@pytest.fixture(scope="module")
def ana(tmp_path_factory: pytest.TempPathFactory) -> Identity:
    return own_identity(tmp_path_factory.mktemp("ana"), "Ana's laptop")


@pytest.fixture(scope="module")
def anas(tmp_path_factory: pytest.TempPathFactory, ana: Identity) -> Iterator[Hub]:
    with hub(fill(tmp_path_factory.mktemp("orchard")), "apple", identity=ana) as running:
        yield running


@pytest.fixture
def hears(monkeypatch: pytest.MonkeyPatch) -> Hears:
    """`hears(("Ana", 2412), …)`: what the network says from now on, from loopback."""

    def set_to(*said: tuple[str, int], host: str = "127.0.0.1") -> None:
        heard = tuple(
            Heard(name, host.format(at=at), port, None) for at, (name, port) in enumerate(said)
        )
        monkeypatch.setattr(browsing, "browse", lambda *_: heard)

    set_to()
    return set_to


def look(home: Path) -> tuple[NearPeer, ...]:
    return look_around(home, 0)


def test_a_stranger_is_new_and_nothing_is_written_down(anas: Hub, home: Path, hears: Hears) -> None:
    hears(("whatever", anas.port))
    (peer,) = look(home)
    assert (peer.name, peer.standing, peer.models) == ("Ana's laptop", Standing.NEW, ("apple",))
    assert peer.is_heard
    assert not home.exists()


def test_the_standing_follows_what_the_owner_does(
    anas: Hub, ana: Identity, home: Path, hears: Hears
) -> None:
    met = add(home, anas.host)
    assert look(home)[0].standing is Standing.MET
    trust(home, met)
    (peer,) = look(home)
    assert (peer.standing, peer.is_heard) == (Standing.TRUSTED, False)
    KnownKeys(home).forget("Ana's laptop")
    assert look(home)[0].standing is Standing.MET


def test_ones_own_is_told_apart(home: Path, orchard_of: Path, hears: Hears) -> None:
    with hub(orchard_of, "pear", identity=own_identity(home)) as mine:
        hears(("me", mine.port))
        (peer,) = look(home)
    assert peer.standing is Standing.OWN


@pytest.fixture
def orchard_of(tmp_path: Path) -> Path:
    folder = tmp_path / "another"
    folder.mkdir()
    return fill(folder)


def test_a_claimed_name_and_a_relay_are_false(
    anas: Hub, home: Path, hears: Hears, tmp_path: Path
) -> None:
    KnownKeys(home).trust(own_identity(tmp_path / "true").key, "Ana's laptop")
    with relay(anas.address) as place:
        hears(("Ana's laptop", anas.port), ("Ana's laptop", int(place.rpartition(":")[2])))
        peers = look(home)
    assert [peer.standing for peer in peers] == [Standing.FALSE] * 2
    problems = {peer.port: peer.problem or "" for peer in peers}
    assert "is NOT the key that you know as Ana's laptop" in problems.pop(anas.port)
    assert "a proof that was made for" in problems.popitem()[1]


def test_a_trusted_peer_is_followed_to_its_new_address(
    anas: Hub, ana: Identity, home: Path, hears: Hears
) -> None:
    trust(home, MetPeer("Ana", "127.0.0.1", _nothing_there(), ana.key))
    (silent,) = look(home)
    assert (silent.name, silent.standing) == ("Ana", Standing.SILENT)
    hears(("whatever", anas.port))
    (found,) = look(home)
    assert (found.name, found.standing, found.port) == ("Ana", Standing.TRUSTED, anas.port)
    assert [peer.port for peer in known_peers(home)] == [anas.port]


def test_one_that_only_met_is_not_followed(
    anas: Hub, ana: Identity, home: Path, hears: Hears
) -> None:
    old = PeerBook(home).keep(MetPeer("Ana's laptop", "127.0.0.1", _nothing_there(), ana.key))
    hears(("whatever", anas.port))
    assert [peer.standing for peer in look(home)] == [Standing.MET]
    assert PeerBook(home).all() == (old,)


def test_two_hundred_that_never_answer_keep_nobody_waiting(
    anas: Hub, ana: Identity, home: Path, hears: Hears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(near_peers, "_SECONDS", 2.0)
    trust(home, add(home, anas.host))
    with socket.socket() as mute:
        mute.bind(("", 0))
        mute.listen(1)
        port = mute.getsockname()[1]
        hears(*((f"Nobody {n}", port) for n in range(200)), host="127.0.1.{at}")
        peers = look(home)
    assert [peer.name for peer in peers] == ["Ana's laptop"]


def test_a_name_near_is_one_address(hears: Hears) -> None:
    hears(("Ana", 1), ("Bo", 2))
    assert announced_as("Bo", 0) == ("127.0.0.1", 2)
    with pytest.raises(UsageError, match="Nobody near is called 'Cy'"):
        announced_as("Cy", 0)


def test_a_name_that_two_keys_have_near_is_asked_about(monkeypatch: pytest.MonkeyPatch) -> None:
    several = tuple(
        Heard("Ana", "127.0.0.1", port, str(PublicKey(digit * 64)))
        for port, digit in ((1, "a"), (2, "b"))
    )
    monkeypatch.setattr(browsing, "browse", lambda *_: several)
    with pytest.raises(UsageError, match=r"Several near are called 'Ana': 127\.0\.0\.1:1, "):
        announced_as("Ana", 0)


def _nothing_there() -> int:
    """A port where nobody listens."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port
