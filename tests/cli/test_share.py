"""`freehold share` as a person meets it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from tests.conftest import tiny_gguf

Freehold = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def two(freehold: Freehold, tmp_path: Path) -> None:
    """A home with an open model and a restricted one."""
    for name, licence in (("pear", "apache-2.0"), ("gem", "gemma")):
        path = tmp_path / f"{name}.gguf"
        path.write_bytes(tiny_gguf(name, licence=licence))
        assert freehold("get", path).returncode == 0


@contextmanager
def sharing(
    *words: str, home: Path | None = None
) -> Iterator[tuple[dict[str, Any], subprocess.Popen[str]]]:
    """A share that runs: what it says as JSON, and its process."""
    environment = {**os.environ, **({"FREEHOLD_HOME": str(home)} if home else {})}
    command = [sys.executable, "-m", "freehold", "share", "--port", "0", "--json", *words]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        try:
            assert process.stdout is not None
            yield json.loads(process.stdout.readline()), process
        finally:
            process.terminate()


@pytest.mark.usefixtures("two")
def test_what_is_named_is_shared_and_ctrl_c_ends_it() -> None:
    with sharing("pear") as (said, process):
        assert said["models"] == ["pear"]
        assert said["network"] == []
        with urllib.request.urlopen(f"{said['address']}/freehold/models.json") as answer:
            assert [each["name"] for each in json.load(answer)["models"]] == ["pear"]
        process.send_signal(signal.SIGINT)
        _, noted = process.communicate(timeout=30)
        assert process.returncode == 0
        assert noted == ""


@pytest.mark.usefixtures("two")
def test_a_licence_with_conditions_is_said_first() -> None:
    with sharing("--all", "--network") as (said, process):
        assert sorted(said["models"]) == ["gem", "pear"]
        process.terminate()
        _, noted = process.communicate(timeout=30)
    assert noted.startswith("gem: gemma: open with restrictions (its terms forbid certain uses")
    assert "bound by that" in noted
    assert "pear:" not in noted


@pytest.mark.usefixtures("two")
def test_nothing_named_shares_nothing_and_says_what_is_owned(freehold: Freehold) -> None:
    done = freehold("share")
    assert done.returncode == 2
    assert "You own pear, gem. --all shares every one." in done.stderr


def test_mistakes_are_said(freehold: Freehold) -> None:
    assert "freehold get" in freehold("share", "--all").stderr
    assert freehold("share", "nothing").returncode == 1
    assert "not a rate" in freehold("share", "x", "--limit", "fast").stderr
    both = freehold("share", "x", "--network", "--host", "127.0.0.1")
    assert both.returncode == 2
    assert "--network is every address" in both.stderr
