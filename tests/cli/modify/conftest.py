"""What tests of `modify` share: nothing piped in, a model to change, where a file of one is."""

from __future__ import annotations

import io
import sys
from pathlib import Path

import pytest
from tests.cli.conftest import Say
from tests.studying import synthetic


@pytest.fixture(autouse=True)
def nothing_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is there, and empty."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))


@pytest.fixture
def noise(say: Say, tmp_path: Path) -> Path:
    """An owned model of random numbers, `noise`, and its file."""
    path = synthetic(tmp_path / "noise.gguf")
    assert say("get", path).code == 0
    return path


def path_of(say: Say, name: str) -> Path:
    """The file of an owned model."""
    return Path(say("show", name, "--path").out.strip())
