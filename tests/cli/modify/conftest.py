"""Commands of `modify` run with nothing piped in."""

from __future__ import annotations

import io
import sys

import pytest


@pytest.fixture(autouse=True)
def nothing_piped_in(monkeypatch: pytest.MonkeyPatch) -> None:
    """Standard input is there, and empty."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
