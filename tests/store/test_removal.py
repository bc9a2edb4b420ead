from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import NotOwned, UsageError
from freehold.progress import Progress
from freehold.store.model import NewModel, OwnedFile, OwnedModel
from freehold.store.records import model_name
from freehold.store.store import Store

Own = Callable[..., OwnedModel]
MakeFile = Callable[..., Path]


def test_a_removed_model_is_gone_with_its_bytes(
    store: Store, own: Own, make_file: MakeFile, home: Path
) -> None:
    model = own("smol", make_file("m.gguf", 5000), make_file("README.md", 10))
    report = store.remove(model)
    assert report.freed_bytes == 5010
    assert set(report.removed) == {file.digest for file in model.files}
    assert store.models() == []
    assert not list((home / "records").iterdir())
    assert not list((home / "blobs").iterdir())
    with pytest.raises(NotOwned):
        store.remove(model)


def test_shared_bytes_stay_until_the_last_model_goes(
    store: Store, own: Own, make_file: MakeFile
) -> None:
    readme = make_file("README.md", 10)
    one, two = (
        own("one", make_file("1.gguf", 100, seed=1), readme),
        own("two", make_file("2.gguf", 200, seed=2), readme),
    )
    shared = one.files[1].digest
    report = store.remove(one)
    assert (report.freed_bytes, report.kept) == (100, (shared,))
    assert store.verify(two).ok
    assert store.remove(two).freed_bytes == 210
    assert not store.has(shared)


def test_a_pinned_model_is_not_removed(store: Store, own: Own, make_file: MakeFile) -> None:
    model = store.pin(own("smol", make_file("m.gguf", 10)))
    with pytest.raises(UsageError, match="pinned"):
        store.remove(model)
    assert store.remove(store.unpin(model)).freed_bytes == 10


def test_a_removal_that_a_kill_cut_off_is_finished_by_whoever_opens_next(
    store: Store, own: Own, make_file: MakeFile, home: Path, progress: Progress, notes: list[str]
) -> None:
    gone, kept = own("gone", make_file("1", 100, seed=1)), own("kept", make_file("2", 100, seed=2))
    record = home / "records" / model_name(gone.id)
    record.rename(record.with_name(f"{gone.id}.model.removed.json"))  # killed right after this
    with Store.open(home, progress) as again:
        assert again.models() == [kept]
        assert not again.has(gone.weights.digest)
        assert not again.blob_path(gone.weights.digest).exists()
        assert again.verify(kept).ok
    assert "gone" in "".join(notes)
    assert len(list((home / "records").iterdir())) == 2
    notes.clear()
    Store.open(home, progress)
    assert notes == []


def test_a_model_got_again_after_a_cut_off_removal_stays(
    store: Store, own: Own, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    path = make_file("1", 100)
    model = own("smol", path)
    record = home / "records" / model_name(model.id)
    record.rename(record.with_name(f"{model.id}.model.removed.json"))
    again = own("smol", path)
    with Store.open(home, progress) as later:
        assert later.models() == [again]
        assert later.verify(again).ok


def test_a_damaged_record_of_a_removal_does_not_stand_in_the_way(
    store: Store, own: Own, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    model = own("smol", make_file("1", 100))
    record = home / "records" / model_name(model.id)
    record.write_bytes(b"?")
    record.rename(record.with_name(f"{model.id}.model.removed.json"))
    with Store.open(home, progress) as later:
        assert later.models() == []
        assert later.has(model.weights.digest)  # not known to be unused: left for a collection


def test_no_blob_is_freed_while_a_model_record_cannot_be_read(
    store: Store, own: Own, make_file: MakeFile, home: Path
) -> None:
    """The model that it describes may be made of the same bytes."""
    model = own("smol", make_file("1", 100))
    (home / "records" / model_name("0" * 64)).write_bytes(b"?")
    report = store.remove(model)
    assert (report.freed_bytes, report.removed) == (0, ())
    assert store.has(model.weights.digest)


def test_a_blob_that_another_process_just_added_stays(
    store: Store, own: Own, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    path = make_file("1", 100)
    model = own("smol", path)
    with Store.open(home, progress) as other:
        record = other.add_file(path, None, move=False)
        assert store.remove(model).kept == (record.digest,)
        file = OwnedFile("1", "weights", record.digest, record.size)
        again = other.add_model(NewModel("again", (file,)))
        assert other.verify(again).ok
    assert store.remove(again).freed_bytes == 100


def test_what_was_added_and_never_used_is_let_go_on_closing(
    home: Path, own: Own, make_file: MakeFile, store: Store, progress: Progress
) -> None:
    path = make_file("1", 100)
    model = own("smol", path)
    with Store.open(home, progress) as other:
        other.add_file(path, None, move=False)
    assert store.remove(model).freed_bytes == 100
