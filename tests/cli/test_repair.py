"""`freehold repair` and `freehold protect` as a person uses them."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest
from tests.repairing import MIB, Damager, noise
from tests.serving import FileServer

from freehold.store.model import NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store

Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


@pytest.fixture
def data() -> bytes:
    return noise(5 * MIB + 7)


@pytest.fixture
def model(home: Path, tmp_path: Path, server: FileServer, data: bytes) -> OwnedModel:
    """A model seen at the server."""
    path = tmp_path / "m.gguf"
    path.write_bytes(data)
    with Store.open(home) as store:
        record = store.add_file(path, move=True)
        file = OwnedFile("m.gguf", "weights", record.digest, record.size)
        seen = (Sighting.now(server.serve("/m.gguf", data)),)
        return store.add_model(NewModel("m", (file,), sightings=seen))


@pytest.fixture
def damage(home: Path, model: OwnedModel) -> Callable[..., None]:
    def flip(*chunks: int) -> None:
        with Store.open(home) as store:
            Damager(store).flip(model, chunks)

    return flip


def test_verify_names_the_command_and_the_command_mends(
    freehold: Run, damage: Callable[..., None], server: FileServer
) -> None:
    damage(1, 3)
    found = freehold("verify", "m")
    assert found.returncode == 5
    assert "freehold repair m" in found.stderr
    refused = freehold("run", "m", "hello")
    assert refused.returncode == 5
    assert "freehold repair m" in refused.stderr
    done = freehold("repair", "m", "--yes")
    assert done.returncode == 0, done.stderr
    assert f"http://{server.host}/m.gguf" in done.stdout
    assert "damaged: chunks 1, 3" in done.stdout
    assert "whole again" in done.stderr
    assert "2.1 MB fetched" in done.stderr
    assert freehold("verify", "m").returncode == 0
    again = freehold("repair", "m")
    assert (again.returncode, again.stdout) == (0, "")
    assert "Nothing to repair" in again.stderr


def test_without_a_terminal_the_plan_is_shown_and_nothing_is_done(
    freehold: Run, damage: Callable[..., None]
) -> None:
    damage(2)
    done = freehold("repair", "m")
    assert done.returncode == 2
    assert "chunk 2" in done.stdout
    assert "--yes" in done.stderr
    assert freehold("verify", "m").returncode == 5


def test_a_dry_run_shows_the_plan(freehold: Run, damage: Callable[..., None]) -> None:
    damage(2)
    done = freehold("repair", "m", "--dry-run", "--json")
    assert done.returncode == 0
    plan = json.loads(done.stdout)
    assert (plan["damaged"], plan["possible"], plan["repaired"]) == (True, True, False)
    assert plan["to_fetch_bytes"] == MIB
    assert plan["files"][0]["bad_bytes"] == [[2 * MIB, 3 * MIB]]
    assert plan["files"][0]["from"][0]["kind"] == "source"
    assert freehold("verify", "m").returncode == 5


def test_it_asks_and_takes_no_for_an_answer(damage: Callable[..., None], home: Path) -> None:
    damage(2)
    asked = pexpect.spawn(
        sys.executable,
        ["-m", "freehold", "repair", "m"],
        encoding="utf-8",
        timeout=30,
        dimensions=(40, 200),
    )
    asked.expect("1.0 MB to fetch")
    asked.sendline("n")
    asked.expect("Nothing was changed")
    asked.expect(pexpect.EOF)
    with Store.open(home) as store:
        assert not store.verify(store.find("m")).ok


def test_what_cannot_be_mended_is_named_with_what_to_try(
    freehold: Run, damage: Callable[..., None], server: FileServer
) -> None:
    damage(2)
    server.stop()
    done = freehold("repair", "m", "--yes")
    assert done.returncode == 5
    assert "m.gguf: chunk 2 of 6" in done.stderr
    assert "--from" in done.stderr
    assert "nothing listens there" in done.stderr
    assert json.loads(freehold("repair", "m", "--yes", "--json").stdout)["possible"] is False


def test_protect_then_mend_with_no_source(
    freehold: Run, damage: Callable[..., None], server: FileServer, home: Path
) -> None:
    made = freehold("protect", "m", "--parity", "30%")
    assert made.returncode == 0, made.stderr
    assert "mend any 2 bad chunks" in made.stderr
    assert "has its parity already" in freehold("protect", "m", "--parity", "30").stderr
    server.stop()
    damage(0, 5)
    assert "its parity" in freehold("repair", "m", "--dry-run").stdout
    done = freehold("repair", "m", "--yes")
    assert done.returncode == 0, done.stderr
    assert "Nothing fetched" in done.stderr
    assert "Its parity is good too" in freehold("verify", "m").stderr
    gone = json.loads(freehold("protect", "m", "--remove", "--json").stdout)
    assert gone["freed_bytes"] > 2 * MIB
    assert list((home / "parity").iterdir()) == []


def test_verify_looks_at_the_parity_too(freehold: Run, model: OwnedModel, home: Path) -> None:
    freehold("protect", "m")
    (path,) = (home / "parity").iterdir()
    spoiled = bytearray(path.read_bytes())
    spoiled[random.Random(1).randrange(len(spoiled) // 4, len(spoiled) // 2)] ^= 1
    path.write_bytes(spoiled)
    done = freehold("verify", "m", "--json")
    assert done.returncode == 4
    assert "freehold protect m" in done.stderr
    (report,) = json.loads(done.stdout)
    assert (report["ok"], report["parity"][0]["bad_chunks"]) == (True, [0])
    assert freehold("protect", "m").returncode == 0
    assert freehold("verify", "--all").returncode == 0


def test_protect_refuses_a_damaged_model(freehold: Run, damage: Callable[..., None]) -> None:
    damage(4)
    done = freehold("protect", "m")
    assert done.returncode == 5
    assert "nothing was protected" in done.stderr
    assert "--json" not in done.stdout
    assert freehold("protect", "m", "--parity", "lots").returncode == 2
