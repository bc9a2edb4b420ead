"""Machines on a network of their own, as network namespaces behind a bridge, with links that break.

They reach each other and nothing else. Needs root and `ip`, on Linux; skipped, with the reason,
where that is not to be had.
"""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.conftest import tiny_gguf

from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

MODEL = tiny_gguf("Pear") + random.Random(7).randbytes(9_000_000)


def _ip(*words: str) -> None:
    subprocess.run(["ip", *words], check=True, capture_output=True, timeout=30)


@dataclass
class Machine:
    """One namespace with its address and a home of its own."""

    name: str
    address: str
    home: Path
    running: list[subprocess.Popen[str]] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {**os.environ, "FREEHOLD_HOME": str(self.home)}

    def command(self, *words: str) -> list[str]:
        """A freehold command as it is run on this machine."""
        inside = ["ip", "netns", "exec", self.name]
        return [*inside, sys.executable, "-m", "freehold", *words]

    def freehold(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run a command on this machine."""
        return subprocess.run(
            self.command(*words),
            capture_output=True,
            text=True,
            env=self.environment,
            timeout=120,
            check=False,
        )

    def share(self, *words: str) -> None:
        """Share all that is owned, until the test ends."""
        process = subprocess.Popen(
            self.command("share", "--all", "--network", "--json", *words),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=self.environment,
        )
        self.running.append(process)
        assert process.stdout is not None
        json.loads(process.stdout.readline())

    def cut(self) -> None:
        """Pull its cable."""
        _ip("link", "set", f"v{self.name}", "down")


@contextmanager
def _network(folder: Path, names: str) -> Iterator[list[Machine]]:
    mark = f"{os.getpid() % 100_000}"
    bridge = f"fhb{mark}"
    with ExitStack() as stack:
        _ip("link", "add", bridge, "type", "bridge")
        stack.callback(_ip, "link", "del", bridge)
        _ip("link", "set", bridge, "up")
        machines = []
        for number, letter in enumerate(names, 1):
            machine = Machine(f"fh{letter}{mark}", f"10.77.0.{number}", folder / letter)
            _ip("netns", "add", machine.name)
            stack.callback(_ip, "netns", "del", machine.name)
            near, far = f"v{machine.name}", "eth0"
            _ip("link", "add", near, "type", "veth", "peer", far, "netns", machine.name)
            stack.callback(_ip, "link", "del", near)  # a namespace lingers while a socket waits
            _ip("link", "set", near, "master", bridge, "up")
            for words in (
                ("addr", "add", f"{machine.address}/24", "dev", far),
                ("link", "set", "lo", "up"),
                ("link", "set", far, "up", "multicast", "on"),
                ("route", "add", "224.0.0.0/4", "dev", far),
            ):
                _ip("-n", machine.name, *words)
            stack.callback(_end, machine)
            machines.append(machine)
        yield machines


def _end(machine: Machine) -> None:
    for process in machine.running:
        process.kill()  # who waits for a cut link would wait for long
    for process in machine.running:
        process.communicate(timeout=30)


@pytest.fixture
def machines(tmp_path: Path) -> Iterator[list[Machine]]:
    """A, B, C and D, on one network that leads nowhere else."""
    if sys.platform != "linux" or shutil.which("ip") is None or os.geteuid() != 0:
        pytest.skip("machines apart need Linux, root and the ip command")
    probe = f"fhp{os.getpid() % 100_000}"
    try:
        _ip("link", "add", probe, "type", "bridge")
        _ip("link", "del", probe)
        _ip("netns", "add", probe)
        _ip("netns", "del", probe)
    except subprocess.CalledProcessError as error:
        pytest.skip(f"this machine makes no network namespaces: {error.stderr.decode().strip()}")
    with _network(tmp_path, "abcd") as made:
        yield made


def test_a_model_goes_from_one_to_the_next_while_links_break(
    machines: list[Machine], tmp_path: Path
) -> None:
    a, b, c, d = machines
    file = tmp_path / "pear.gguf"
    file.write_bytes(MODEL)
    with Store.open(a.home) as store:
        get(store, Settings(home=a.home), ModelRef.parse(str(file)))
    a.share("--limit", "8MB/s", "--announce")

    near = b.freehold("peers", "--seconds", "1", "--json")
    assert a.address in near.stdout, near.stderr
    got = b.freehold("get", "pear", "--peer", a.address)
    assert got.returncode == 0, got.stderr
    b.share("--limit", "4MB/s")

    d.cut()
    places = [word for each in (a, b, d) for word in ("--peer", each.address)]
    asking = subprocess.Popen(
        c.command("get", "pear", *places, "--json"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=c.environment,
    )
    _wait_for_bytes(asking, c.home)
    a.cut()
    said, noted = asking.communicate(timeout=120)
    assert asking.returncode == 0, noted
    (model,) = json.loads(said)
    given = {each["host"]: each["bytes"] for each in model["hosts"]}
    assert given[f"{b.address}:2412"] > len(MODEL) // 3
    assert sum(given.values()) == len(MODEL)
    assert f"{d.address} does not answer." in noted
    with Store.open(c.home) as store:
        assert store.blob_path(store.find("pear").weights.digest).read_bytes() == MODEL

    gone = d.freehold("get", "pear", "--peer", b.address)
    assert gone.returncode == 1
    assert "Traceback" not in gone.stderr
    with Store.open(d.home) as store:
        assert store.models() == []


def _wait_for_bytes(asking: subprocess.Popen[str], home: Path) -> None:
    """Until something has arrived; the limits keep the rest from being there already."""
    while asking.poll() is None and not any(home.rglob("*.progress")):
        with suppress(subprocess.TimeoutExpired):
            asking.wait(0.02)
