"""What several tests of the engine room share."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A file that begins as a GGUF does, and is none: enough for the fake engine."""
    path = tmp_path / "stub.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path


@pytest.fixture(scope="session")
def llama_server(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A llama-server: the one that FREEHOLD_TEST_LLAMA_SERVER names, else a stand-in."""
    if named := os.environ.get("FREEHOLD_TEST_LLAMA_SERVER"):
        return Path(named)
    if sys.platform == "win32":
        pytest.skip("the stand-in is a script; FREEHOLD_TEST_LLAMA_SERVER names no llama-server")
    path = tmp_path_factory.mktemp("bin") / "llama-server"
    stand_in = Path(__file__).with_name("llama_server_stand_in.py")
    path.write_text(f"#!{sys.executable}\n{stand_in.read_text()}")
    path.chmod(0o755)
    return path
