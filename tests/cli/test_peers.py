"""`freehold peers` as people type it, with real shares on loopback. No other network is asked."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.cli.conftest import Say
from tests.cli.test_share import sharing
from tests.conftest import tiny_gguf

from freehold.share.discovery import group
from freehold.share.discovery.group import Network

ANNOUNCED = ("pear", "--host", "127.0.0.1", "--announce")


@pytest.fixture(autouse=True)
def loopback(monkeypatch: pytest.MonkeyPatch) -> tuple[Network, ...]:
    """The one network that tests may ask. Skips where nothing can be heard on it."""
    found = tuple(each for each in group.networks() if each.interface.ip.is_loopback)
    monkeypatch.setattr(group, "networks", lambda: found)
    try:
        with group.Group(found) as opened:
            opened.send(b"\0" * 12, found[0])
            heard = opened.receive(5)
    except Exception as error:
        pytest.skip(f"multicast on loopback: {error}")
    if heard is None:
        pytest.skip("multicast on loopback is not heard here")
    return found


@pytest.fixture
def anas(say: Say, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, home: Path) -> str:
    """Ana's home with a model and a key; her code. What runs next runs as her until `me`."""
    monkeypatch.setenv("FREEHOLD_HOME", str(tmp_path / "anas-home"))
    path = tmp_path / "pear.gguf"
    path.write_bytes(tiny_gguf("pear", licence="apache-2.0"))
    assert say("get", path).code == 0
    code: str = say("identity", "--name", "Ana's laptop", "--json").json["code"]
    return code


@pytest.fixture
def ana_shares(anas: str, home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, Any]]:
    """Ana shares and announces it; what is typed is typed by another."""
    with sharing(*ANNOUNCED) as (said, _):
        monkeypatch.setenv("FREEHOLD_HOME", str(home))
        yield said


def place(said: dict[str, Any]) -> str:
    return str(said["address"]).removeprefix("http://")


def heard(say: Say) -> dict[str, Any]:
    """The one peer that announces itself, once it is heard: what is said to all waits a second."""
    for _ in range(10):
        for peer in say("peers", "--json", "--seconds", "1.2").json:
            if peer["near"]:
                assert isinstance(peer, dict)
                return peer
    raise AssertionError("nobody was heard")


def test_found_trusted_and_gotten_from(say: Say, ana_shares: dict[str, Any], anas: str) -> None:
    assert (ana_shares["announced"], ana_shares["code"]) == ("Ana's laptop", anas)
    near = heard(say)
    assert (near["name"], near["standing"], near["near"]) == ("Ana's laptop", "new", True)
    assert (near["code"], near["shares"]) == (anas, ["pear"])
    assert f"{near['host']}:{near['port']}" == place(ana_shares)

    assert say("peers", "trust", place(ana_shares), "--code", "12").code == 2
    refused = say("peers", "trust", place(ana_shares), "--code", "1" * 24)
    assert refused.code == 4
    assert f"The code differs: {place(ana_shares)} shows {anas}" in refused.err
    trusted = say("peers", "trust", "Ana's laptop", "--code", anas, "--name", "Ana")
    assert f"Ana is trusted, at {place(ana_shares)}" in trusted.err
    told = say("peers", "--seconds", "0").out  # from the book: nobody hears it
    assert "trusted" in told
    assert anas in told
    (known,) = say("peers", "list", "--json").json
    assert (known["name"], known["trusted"]) == ("Ana", True)
    assert say("get", f"peer:{place(ana_shares)}/pear").code == 0


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


def test_a_key_that_was_changed_meanwhile(
    say: Say, ana_shares: dict[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else shares where Ana did, under her name."""
    say("peers", "add", place(ana_shares), "--name", "Ana's laptop")
    home = tmp_path / "freehold-home" / "peers.json"
    home.write_text(home.read_text().replace("ed25519:", "ed25519:0000")[:-1])
    text = home.read_text()
    key = text[text.index("ed25519:") :][: len("ed25519:") + 68]
    home.write_text(text.replace(key, key[:-4]) + "}")
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
    say: Say, anas: str, tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "anas-home" / "identity.json").unlink()
    with sharing(*ANNOUNCED) as (said, process):
        assert (said["announced"], said["code"]) == ("A Freehold", None)
        monkeypatch.setenv("FREEHOLD_HOME", str(home))
        near = heard(say)
        assert (near["standing"], near["key"], near["shares"]) == ("unsigned", None, ["pear"])
        assert "shares without a key" in say("peers", "add", place(said), "--name", "box").err
        assert "nothing to trust it by" in say("peers", "trust", "box").err
        process.terminate()
        process.wait(30)
    (gone,) = say("peers", "--json", "--seconds", "0.3").json  # from the book: nobody hears it
    assert (gone["standing"], gone["near"]) == ("silent", False)


def test_no_socket_is_opened_on_the_network_but_here(
    say: Say, anas: str, monkeypatch: pytest.MonkeyPatch
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
