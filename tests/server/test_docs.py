"""Every example of docs/serve.md works as it stands there, but for the address."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from tests.conftest import REPOSITORY, tiny_gguf
from tests.server.conftest import served

from freehold.actions.get import get
from freehold.actions.residence import ResidenceChoices
from freehold.engine.fake import FakeEngine
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

PAGE = (REPOSITORY / "docs" / "serve.md").read_text(encoding="utf-8")
ADDRESS = "http://127.0.0.1:2411"


def blocks(language: str) -> str:
    return "\n".join(re.findall(rf"```{language}\n(.*?)```", PAGE, flags=re.DOTALL))


@pytest.fixture
def home_of_smollm2(home: Path, tmp_path: Path) -> Path:
    """A home with tiny files of the names on the page, for the fake engine."""
    with Store.open(home) as store:
        for name in ("smollm2", "bge-reranker"):
            path = tmp_path / f"{name}.gguf"
            path.write_bytes(tiny_gguf(name, ranks=name == "bge-reranker"))
            get(store, Settings(home=home), ModelRef.parse(str(path)))
    return home


@pytest.mark.skipif(shutil.which("curl") is None, reason="the examples use curl")
def test_the_examples_with_curl(home_of_smollm2: Path) -> None:
    commands = re.split(r"^curl ", blocks("sh"), flags=re.MULTILINE)[1:]
    assert len(commands) >= 10
    with served(home_of_smollm2, FakeEngine(), ResidenceChoices()) as running:
        for command in commands:
            line = "curl -sS --fail-with-body " + command.replace(ADDRESS, running.address)
            done = subprocess.run(
                ["sh", "-c", line], capture_output=True, text=True, timeout=60, check=False
            )
            assert done.returncode == 0, command + done.stdout + done.stderr
            assert done.stdout


def test_the_example_in_python(home_of_smollm2: Path) -> None:
    with served(home_of_smollm2, FakeEngine(), ResidenceChoices()) as running:
        code = blocks("python").replace(ADDRESS, running.address)
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
        )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "You said: Why is the sky blue?"
