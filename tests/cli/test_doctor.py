"""`freehold doctor`: it says what is well, and what is not, and what to do."""

from __future__ import annotations

import os
import socket
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.cli.conftest import Say, flip_bit
from tests.server.conftest import served

from freehold.actions.open_addresses import open_addresses
from freehold.actions.residence import ResidenceChoices
from freehold.actions.server_file import RunningServer, write_server_file
from freehold.engine.fake import FakeEngine
from freehold.store.store import Store


def weights(home: Path, name: str) -> Path:
    with Store.open(home) as store:
        return store.blob_path(store.find(name).weights.digest)


def test_all_is_well(say: Say, two_models: tuple[str, str], home: Path) -> None:
    (home / "conversations").mkdir()
    (home / "conversations" / "x.state").write_bytes(b"12345")
    said = say("doctor")
    assert said.code == 0, said.err
    for words in ("alpha", "as proven", "proved just now", "Open addresses\n  none"):
        assert words in said.out
    assert "to mend" not in said.err
    found = say("doctor", "--json").json
    assert found["well"]
    assert [model["name"] for model in found["owned"]] == list(two_models)
    works = {each["name"]: each["works"] for each in found["works_without_network"]}
    assert works["ask and chat (run)"]
    assert not works["look at pictures"]
    assert not works["search and get from elsewhere"]
    assert found["open"] == []
    assert found["conversation_bytes"] == 5
    assert "bundled" in found["engine"]["identity"]


def test_with_nothing_owned_it_says_how_to_begin(say: Say) -> None:
    said = say("doctor")
    assert said.code == 1
    assert "freehold get" in said.err
    assert "no   ask and chat" in said.out


def test_damage_is_named_with_what_helps(say: Say, two_models: tuple[str, str], home: Path) -> None:
    flip_bit(weights(home, "alpha"), 5000)
    weights(home, "beta").unlink()
    said = say("doctor")
    assert said.code == 1
    assert "alpha: alpha.gguf is changed since it was proven" in said.err
    assert "freehold verify alpha" in said.err
    assert "beta: beta.gguf is missing" in said.err
    assert "freehold repair beta" in said.err
    say("verify", "alpha")
    later = say("doctor", "--json").json
    assert not later["well"]
    mended = {each["what"]: each["how"] for each in later["to_mend"]}
    assert mended["alpha: alpha.gguf is damaged"] == "freehold repair alpha"
    assert not any(each["works"] for each in later["works_without_network"][:2])


def test_an_engine_that_does_not_work(
    say: Say, two_models: tuple[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FREEHOLD_ENGINE", str(tmp_path / "no-such-server"))
    said = say("doctor")
    assert said.code == 1
    assert "no-such-server" in said.err
    assert "no   ask and chat" in said.out


def test_a_running_server_is_seen_where_it_listens(
    say: Say, two_models: tuple[str, str], home: Path
) -> None:
    with served(home, FakeEngine(), ResidenceChoices()) as running:
        known = RunningServer(running.address, os.getpid(), "", running.desk.instance)
        write_server_file(home, known)
        found = say("doctor", "--json").json
        said = say("doctor").out
    port = urlsplit(running.address).port
    seen = {each["port"]: each for each in found["open"]}
    assert seen[port]["this_machine_only"]
    assert found["server"] == running.address
    assert f"127.0.0.1:{port}  the server: this machine only" in said


def test_what_is_open_to_other_machines_is_told_apart() -> None:
    with socket.socket() as opened:
        opened.bind(("0.0.0.0", 0))
        opened.listen()
        found = {each.port: each for each in open_addresses(os.getpid())}
        assert not found[opened.getsockname()[1]].local
