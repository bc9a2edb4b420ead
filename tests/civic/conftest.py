"""What tests of people and places stand on: a small country, and real snapshots where they are.

`FREEHOLD_TEST_CIVIC` names a folder of real snapshots; without it, `../shared/data/civic` beside
the checkout is looked at. Where there are none, the tests that need them are skipped and say so.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.civic.small_country import TODAY, build_small, data_set
from tests.conftest import REPOSITORY

from freehold.civic.index.build import build_index
from freehold.civic.index.index import CivicIndex

SNAPSHOTS = Path(
    os.environ.get("FREEHOLD_TEST_CIVIC", REPOSITORY.parent / "shared" / "data" / "civic")
)


@pytest.fixture(scope="session")
def small_index_path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The index of the small country, built once; nothing writes in it."""
    return build_small(tmp_path_factory.mktemp("country"))


@pytest.fixture
def small(small_index_path: Path) -> Iterator[CivicIndex]:
    """That index, open."""
    with CivicIndex(small_index_path) as index:
        yield index


@pytest.fixture(scope="session")
def snapshots() -> Path:
    """The folder of real snapshots."""
    if not (SNAPSHOTS / "openstates-people-main.zip").exists():
        pytest.skip(f"no snapshots of public data in {SNAPSHOTS} (FREEHOLD_TEST_CIVIC)")
    return SNAPSHOTS


@pytest.fixture(scope="session")
def real_index_path(snapshots: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An index of the real snapshots, built once."""
    path = tmp_path_factory.mktemp("real") / "index.sqlite"
    files = [path for path in sorted(snapshots.iterdir()) if path.suffix != ".md"]
    build_index([data_set(file) for file in files], path, today=TODAY)
    return path


@pytest.fixture
def real(real_index_path: Path) -> Iterator[CivicIndex]:
    """That index, open."""
    with CivicIndex(real_index_path) as index:
        yield index
