"""Models under study, opened once for all tests that only look."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.studying import make, small_model

from freehold.actions.open_subject import open_subject
from freehold.store.libraries import Libraries
from freehold.study.subject import Subject

__all__ = ["make", "small_model"]


@pytest.fixture(scope="session")
def nothing_owned(tmp_path_factory: pytest.TempPathFactory) -> Libraries:
    """No model is owned: files are named by their paths."""
    return Libraries(tmp_path_factory.mktemp("nothing"))


@pytest.fixture(scope="session")
def smollm(smollm2: Path, nothing_owned: Libraries) -> Iterator[Subject]:
    """SmolLM2 under study. Tests that end its engine or its decoder open their own."""
    with open_subject(nothing_owned, str(smollm2)) as subject:
        yield subject
