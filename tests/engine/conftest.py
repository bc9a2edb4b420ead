"""A small file that passes for a model with the fake engine, and short words for asking."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.engine.interface import Answer, Delta, Finished


@pytest.fixture
def stub(tmp_path: Path) -> Path:
    """A file that begins as a GGUF does, and is none."""
    path = tmp_path / "stub.gguf"
    path.write_bytes(b"GGUF" + bytes(100))
    return path
