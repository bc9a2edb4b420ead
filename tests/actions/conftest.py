"""Pieces for tests of repair: a server, a store, models in it, and ways to damage them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from pathlib import Path

import pytest
from tests.civic.small_data import write_all
from tests.repairing import Damager, Repairs
from tests.serving import FileServer

from freehold.actions.act_update import take_data
from freehold.settings import Settings
from freehold.store.model import NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store


@pytest.fixture(scope="session")
def small_country(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with the public data of the small country. A test that changes it copies it."""
    folder = tmp_path_factory.mktemp("country")
    home = folder / "home"
    take_data(Settings(home=home), [write_all(folder / "stick")], dated=date(2026, 6, 15))
    return home


@pytest.fixture
def server() -> Iterator[FileServer]:
    with FileServer() as running:
        yield running


@pytest.fixture
def store(home: Path) -> Iterator[Store]:
    with Store.open(home) as opened:
        yield opened


@pytest.fixture
def repairs(home: Path) -> Repairs:
    return Repairs(home)


@pytest.fixture
def damage(store: Store) -> Damager:
    return Damager(store)


@pytest.fixture
def own(store: Store, tmp_path: Path) -> Callable[..., OwnedModel]:
    """`own("big", data, refs=[…])`: a model of these bytes, seen at these places."""

    def add(name: str, *datas: bytes, refs: Sequence[str] = ()) -> OwnedModel:
        files: list[OwnedFile] = []
        for number, data in enumerate(datas):
            path = tmp_path / f"{name}-{number}.gguf"
            path.write_bytes(data)
            record = store.add_file(path, None, move=True)
            files.append(OwnedFile(path.name, "weights", record.digest, record.size))
        seen = tuple(Sighting.now(ref) for ref in refs)
        return store.add_model(NewModel(name, tuple(files), sightings=seen))

    return add
