"""Mending a blob: the record and the rename, and what a kill between them leaves."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import DamagedModel, NotOwned
from freehold.progress import SILENT
from freehold.store.catalogue import Catalogue
from freehold.store.mending import work_key
from freehold.store.model import BlobRecord, FileState, Link, NewModel, OwnedFile, OwnedModel
from freehold.store.patch import Rebuild
from freehold.store.store import Store

SIZE = 3_000_000
DATA = random.Random(5).randbytes(SIZE)


@pytest.fixture
def theirs(make_file: Callable[..., Path]) -> Path:
    return make_file("m.gguf", SIZE, seed=5)


@pytest.fixture
def model(store: Store, theirs: Path) -> OwnedModel:
    """A hard link of another program's file, damaged in its second chunk."""
    record = store.adopt_file(theirs, ways=(Link.HARD_LINK,))
    owned = store.add_model(
        NewModel("m", (OwnedFile("m.gguf", "weights", record.digest, record.size),))
    )
    data = bytearray(DATA)
    data[1_500_000] ^= 8
    theirs.write_bytes(data)
    assert not store.verify(owned).ok
    return owned


def put_all(rebuild: Rebuild, unfinished: Path) -> None:
    for index in rebuild.missing:
        rebuild.put(index, DATA[index << 20 : (index + 1) << 20])


def test_a_hard_link_becomes_a_file_of_our_own(
    store: Store, model: OwnedModel, theirs: Path
) -> None:
    digest = model.weights.digest
    report = store.mender.mend(store.record(digest), put_all, SILENT)
    assert report is not None
    assert report.replaced == (1,)
    assert (report.path, report.inode) == (store.blob_path(digest), report.path.stat().st_ino)
    record = store.record(digest)
    assert (record.link, record.elsewhere, record.health.state) == (Link.OWN, None, FileState.OK)
    assert theirs.stat().st_ino != report.inode
    store.check_ready(model)
    assert store.unfinished() == []


def test_killed_between_rename_and_record_it_is_noted_by_the_next(
    store: Store, model: OwnedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest = model.weights.digest
    record = store.record(digest)

    def die(self: Catalogue, record: BlobRecord) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(Catalogue, "put_blob", die)
        with pytest.raises(KeyboardInterrupt):
            store.mender.mend(record, put_all, SILENT)
    assert store.verify(model).ok
    assert [work.key for work in store.unfinished()] == [work_key(digest)]
    store.mender.tidy(digest, SILENT)
    assert store.record(digest).link is Link.OWN
    assert store.unfinished() == []


def test_killed_just_before_the_rename_nothing_is_asked_for_again(
    store: Store, model: OwnedModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    from freehold.store.blobs import BlobFolder

    digest = model.weights.digest

    def die(self: BlobFolder, source: Path, digest: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(BlobFolder, "place", die)
        with pytest.raises(KeyboardInterrupt):
            store.mender.mend(store.record(digest), put_all, SILENT)
    assert not store.verify(model).ok
    report = store.mender.mend(store.record(digest), lambda *_: None, SILENT)
    assert report is not None
    assert (report.resumed, report.replaced) == (3, ())
    assert store.verify(model).ok


def test_with_a_chunk_missing_all_stays_as_it_was(store: Store, model: OwnedModel) -> None:
    digest = model.weights.digest
    before = store.record(digest)
    with pytest.raises(DamagedModel, match="chunk 1 of 3"):
        store.mender.mend(before, lambda *_: None, SILENT)
    assert store.record(digest) == before
    assert store.blob_path(digest).read_bytes() != DATA


def test_what_is_whole_is_left_alone(store: Store, model: OwnedModel) -> None:
    digest = model.weights.digest
    store.mender.mend(store.record(digest), put_all, SILENT)
    inode = store.blob_path(digest).stat().st_ino
    assert store.mender.mend(store.record(digest), put_all, SILENT) is None
    assert store.blob_path(digest).stat().st_ino == inode


def test_a_model_removed_meanwhile_does_not_come_back(store: Store, model: OwnedModel) -> None:
    digest = model.weights.digest

    def remove(rebuild: Rebuild, unfinished: Path) -> None:
        put_all(rebuild, unfinished)
        store.remove(model)

    with pytest.raises(NotOwned):
        store.mender.mend(store.record(digest), remove, SILENT)
    assert not store.blob_path(digest).exists()
    assert store.by_digest(digest) is None
    assert store.unfinished() == []
