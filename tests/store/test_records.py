from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import StorageError
from freehold.names import Digest
from freehold.store.codec import RecordDamaged
from freehold.store.model import OwnedModel
from freehold.store.records import RecordFolder, blob_name, model_name
from freehold.store.store import Store


@pytest.fixture
def owned(own: Callable[..., OwnedModel], make_file: Callable[..., Path]) -> OwnedModel:
    return own("smol", make_file("smol.gguf", 5000))


@pytest.fixture
def records(store: Store, owned: OwnedModel) -> RecordFolder:
    return RecordFolder(store.home / "records")


def test_there_is_one_file_for_each_blob_and_each_model(
    records: RecordFolder, owned: OwnedModel, store: Store
) -> None:
    names = {blob_name(owned.weights.digest), model_name(owned.id)}
    assert (
        {path.name for path in (store.home / "records").iterdir()} == names == set(records.stamps())
    )
    assert records.model(owned.id) == owned
    assert records.blob(owned.weights.digest) == store.by_digest(owned.weights.digest)


def test_what_is_not_there_is_none(records: RecordFolder, tmp_path: Path) -> None:
    assert records.model("0" * 64) is None
    assert records.blob(Digest("0" * 64)) is None
    assert RecordFolder(tmp_path / "nowhere").stamps() == {}
    assert RecordFolder(tmp_path / "nowhere").removals() == []


def test_a_record_under_another_name_is_damaged(
    records: RecordFolder, owned: OwnedModel, store: Store
) -> None:
    folder = store.home / "records"
    (folder / model_name(owned.id)).rename(folder / model_name("0" * 64))
    with pytest.raises(RecordDamaged):
        records.model("0" * 64)
    (folder / blob_name(owned.weights.digest)).rename(folder / blob_name(Digest("0" * 64)))
    with pytest.raises(RecordDamaged):
        records.blob(Digest("0" * 64))


def test_a_removal_is_one_rename_until_it_is_ended(
    records: RecordFolder, owned: OwnedModel
) -> None:
    records.begin_removal(owned.id)
    assert records.model(owned.id) is None
    assert records.removals() == [owned.id]
    assert records.removal(owned.id) == owned
    records.end_removal(owned.id)
    records.end_removal(owned.id)
    assert records.removals() == []


def test_what_cannot_be_read_is_passed_over(
    records: RecordFolder, owned: OwnedModel, store: Store
) -> None:
    (store.home / "records" / model_name("0" * 64)).write_bytes(b"\xff")
    models, blobs = records.readable()
    assert models == [owned]
    assert [blob.digest for blob in blobs] == [owned.weights.digest]


def test_a_file_where_the_folder_should_be_is_a_storage_error(tmp_path: Path) -> None:
    (tmp_path / "records").touch()
    with pytest.raises(StorageError):
        RecordFolder(tmp_path / "records").stamps()
