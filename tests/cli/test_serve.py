"""`freehold serve` as a person or a service manager runs it."""

from __future__ import annotations

import json
import os
import signal
import stat
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from freehold.actions.server_file import RunningServer, running_server, write_server_file

Run = Callable[..., subprocess.CompletedProcess[str]]


@contextmanager
def serving(*words: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A server in a process of its own, and its address."""
    command = [sys.executable, "-m", "freehold", "serve", "--port", "0", "--json", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        try:
            assert process.stdout is not None
            yield process, json.loads(process.stdout.readline())["address"]
        finally:
            process.kill()


def ask(address: str, path: str, body: object = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_says_where_it_is_and_leaves_in_order(home: Path, number: signal.Signals) -> None:
    with serving() as (process, address):
        file = home / "server.json"
        known = json.loads(file.read_text())
        assert known["address"] == address
        assert known["pid"] == process.pid
        assert stat.S_IMODE(file.stat().st_mode) == 0o600
        found = running_server(home)
        assert found is not None
        assert found.address == address
        process.send_signal(number)
        out, said = process.communicate(timeout=30)
    assert process.returncode == 0, said
    assert (out, said) == ("", "")
    assert not file.exists()
    assert running_server(home) is None


def test_only_this_machine_can_reach_it(home: Path) -> None:
    with serving() as (_, address):
        assert address.startswith("http://127.0.0.1:")


def test_a_pinned_model_is_loaded_at_once_and_its_worker_goes_with_the_server(
    owning: Path,
) -> None:
    import psutil

    with serving("--pin", "smollm2", "--context", "256", "--parallel", "1") as (process, address):
        body = {"model": "smollm2", "prompt": "Once", "max_tokens": 2}
        assert ask(address, "/v1/completions", body)["usage"]["completion_tokens"] == 2
        (model,) = ask(address, "/health")["models"]
        assert (model["pinned"], model["context"], model["parallel"]) == (True, 256, 1)
        workers = psutil.Process(process.pid).children()
        assert workers
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert not any(worker.is_running() for worker in workers)


def test_a_port_that_is_taken(freehold: Run) -> None:
    with serving() as (_, address):
        port = address.rpartition(":")[2]
        done = freehold("serve", "--port", port)
    assert done.returncode == 2
    assert port in done.stderr
    assert "--port" in done.stderr


def test_a_pin_that_is_not_owned(freehold: Run) -> None:
    done = freehold("serve", "--port", "0", "--pin", "nothing-like-it")
    assert done.returncode == 1
    assert "nothing-like-it" in done.stderr


def test_a_file_left_behind_is_not_believed(home: Path) -> None:
    with serving() as (process, address):
        # Another server has the address by now: it answers, but by another name.
        write_server_file(home, RunningServer(address, process.pid, "", "server-of-old"))
        assert running_server(home) is None
    write_server_file(home, RunningServer(address, os.getpid(), "", "server-of-old"))
    assert running_server(home) is None
    (home / "server.json").write_text("{")
    assert running_server(home) is None
