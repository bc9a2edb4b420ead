"""Pieces for tests of repair: a server, a store, models in it, and ways to damage them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tests.repairing import Damager, Repairs
from tests.serving import FileServer

from freehold.store.model import NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store


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
