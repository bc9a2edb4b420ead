"""What several tests of the engine room share."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A file that begins as a GGUF does, and is none: enough for the fake engine."""
    path = tmp_path / "stub.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path
