"""The `freehold` command as a user starts it: a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.store.store import Store

type_of_run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def freehold(home: Path) -> type_of_run:
    """`freehold("list", "--json")` runs it and gives back its exit code and output."""

    def run(
        *words: str, input: str | None = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "freehold", *words],
            input=input,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def owned_home(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns SmolLM2, made once. Tests that change the store make their own."""
    from freehold.actions.get import get
    from freehold.names import ModelRef
    from freehold.settings import Settings

    folder = tmp_path_factory.mktemp("owned")
    with Store.open(folder) as store:
        get(store, Settings(home=folder), ModelRef.parse(str(smollm2)))
    return folder


@pytest.fixture
def owning(owned_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """FREEHOLD_HOME is the store that owns SmolLM2."""
    monkeypatch.setenv("FREEHOLD_HOME", str(owned_home))
    return owned_home
