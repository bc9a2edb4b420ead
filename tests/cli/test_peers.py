"""`freehold peers` as people type it, with real shares on loopback. No other network is asked."""

from __future__ import annotations

import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Say
from tests.cli.test_share import sharing
from tests.multicast import loopback_alone
from tests.server.hub.conftest import fill

from freehold.share.discovery import group
from freehold.share.known_peers import MetPeer, PeerBook
from freehold.share.signing.identity import load_identity, own_identity
from freehold.share.signing.key import PublicKey

ANNOUNCED = ("apple", "--host", "127.0.0.1", "--announce")


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one network that tests may ask."""
    found = loopback_alone()
    monkeypatch.setattr(group, "networks", lambda: found)


@pytest.fixture(scope="module")
def anas(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Ana's home: a model and a key."""
    home = fill(tmp_path_factory.mktemp("ana"))
    own_identity(home, "Ana's laptop")
    return home


@pytest.fixture(scope="module")
def ana_shares(anas: Path) -> Iterator[dict[str, Any]]:
    """Ana shares and announces it, in a process of her own."""
    with sharing(*ANNOUNCED, home=anas) as (said, _):
        yield said


def place(said: dict[str, Any]) -> str:
    return str(said["address"]).removeprefix("http://")


def heard(say: Say, name: str) -> dict[str, Any]:
    """The peer of that name, once it is heard: what is said to all is said once a second."""
    for _ in range(10):
        for peer in say("peers", "--json", "--seconds", "1.2").json:
            if peer["near"] and peer["name"] == name:
                assert isinstance(peer, dict)
                return peer
    raise AssertionError("nobody was heard")


def test_found_trusted_and_gotten_from(say: Say, ana_shares: dict[str, Any], anas: Path) -> None:
    identity = load_identity(anas)
    assert identity is not None
    code = identity.key.code
    assert (ana_shares["announced"], ana_shares["code"]) == ("Ana's laptop", code)
    near = heard(say, "Ana's laptop")
    assert (near["name"], near["standing"], near["near"]) == ("Ana's laptop", "new", True)
    assert (near["code"], near["shares"]) == (code, ["apple"])
    assert f"{near['host']}:{near['port']}" == place(ana_shares)

    assert say("peers", "trust", place(ana_shares), "--code", "12").code == 2
    refused = say("peers", "trust", place(ana_shares), "--code", "1" * 24)
    assert refused.code == 4
    assert f"The code differs: {place(ana_shares)} shows {code}" in refused.err
    trusted = say("peers", "trust", "Ana's laptop", "--code", code, "--name", "Ana")
    assert f"Ana is trusted, at {place(ana_shares)}" in trusted.err
    told = say("peers", "--seconds", "0").out  # from the book: nobody hears it
    assert "trusted" in told
    assert code in told
    (known,) = say("peers", "list", "--json").json
    assert (known["name"], known["trusted"]) == ("Ana", True)
    assert say("get", f"peer:{place(ana_shares)}/apple").code == 0


def test_without_anything_announced_by_address(say: Say, ana_shares: dict[str, Any]) -> None:
    added = say("peers", "add", place(ana_shares))
    assert f"Met: Ana's laptop at {place(ana_shares)}, code " in added.err
    assert "It is not trusted yet" in added.err
    asked = say("peers", "trust", "Ana's laptop")
    assert asked.code == 2  # nobody is there to compare
    assert "--code DIGITS" in asked.err
    table = say("peers", "list").out
    assert table.split("\n")[1].split()[-1] == "no"
    assert "is not in the book any more" in say("peers", "forget", "Ana's laptop").err
    assert "You know no peer yet" in say("peers", "list").err


def test_another_key_than_before_is_refused(
    say: Say, ana_shares: dict[str, Any], home: Path
) -> None:
    """Somebody else shares where Ana did, under her name."""
    host, _, port = place(ana_shares).rpartition(":")
    PeerBook(home).keep(MetPeer("Ana's laptop", host, int(port), PublicKey("c" * 64)))
    again = say("peers", "add", place(ana_shares))
    assert again.code == 4
    assert "had another when you met it" in again.err
    (near,) = say("peers", "--json", "--seconds", "0").json
    assert near["standing"] == "false"
    assert "had another" in near["problem"]


def test_nobody_is_near(say: Say) -> None:
    done = say("peers", "--seconds", "0")
    assert (done.code, done.out) == (0, "")
    assert "Nobody near announces" in done.err
    assert say("peers", "trust", "Ana", "--seconds", "0").code == 2


def test_a_share_without_a_key_is_announced_by_no_name(
    say: Say, anas: Path, tmp_path: Path
) -> None:
    nameless = shutil.copytree(anas, tmp_path / "nameless", copy_function=shutil.copy2)
    (nameless / "identity.json").unlink()
    with sharing(*ANNOUNCED, home=nameless) as (said, process):
        assert (said["announced"], said["code"]) == ("A Freehold", None)
        near = heard(say, "A Freehold")
        assert (near["standing"], near["key"], near["shares"]) == ("unsigned", None, ["apple"])
        assert "shares without a key" in say("peers", "add", place(said), "--name", "box").err
        assert "nothing to trust it by" in say("peers", "trust", "box").err
        process.terminate()
        process.wait(30)
    (gone,) = say("peers", "--json", "--seconds", "0").json
    assert (gone["standing"], gone["near"]) == ("silent", False)


def test_no_socket_is_opened_on_the_network_but_here(
    say: Say, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither to share nor to read the book."""
    opened: list[object] = []
    real = socket.socket.bind

    def bind(self: socket.socket, to: Any) -> None:
        opened.append(to)
        real(self, to)

    monkeypatch.setattr(socket.socket, "bind", bind)
    say("peers", "list")
    say("list")
    assert opened == []
    say("peers", "--seconds", "0")
    assert len(opened) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("peers", "add"), "takes a peer"),
        (("peers", "list", "Ana"), "takes no peer"),
        (("peers", "add", "a/b"), "no address of a peer"),
        (("peers", "forget", "Ana"), "No peer is known as 'Ana'"),
        (("peers", "--seconds", "900"), "--seconds is a number"),
        (("peers", "add", "127.0.0.1:1"), "127.0.0.1"),
    ],
)
def test_mistakes(say: Say, words: tuple[str, ...], said: str) -> None:
    done = say(*words)
    assert done.code in {1, 2}
    assert done.out == ""
    assert said in done.err
