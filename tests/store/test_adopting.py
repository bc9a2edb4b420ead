"""Owning other programs' files where they are: proven, shared, watched, and never changed."""

from __future__ import annotations

import os
import stat as modes
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, BinaryIO

import pytest

from freehold.errors import DamagedModel, HashMismatch, StorageError, UsageError
from freehold.names import Digest
from freehold.store import adopting, codec, hashing
from freehold.store.model import FileState, Link, NewModel, OwnedFile, OwnedModel
from freehold.store.store import Store

SIZE = 3 * 2**20 + 17
EACH_WAY = pytest.mark.parametrize("way", [Link.REFLINK, Link.HARD_LINK, Link.REFERENCE])


@pytest.fixture
def theirs(tmp_path: Path) -> Path:
    """A file of another program."""
    path = tmp_path / "theirs" / "model.gguf"
    path.parent.mkdir()
    path.write_bytes(os.urandom(SIZE))
    path.chmod(0o640)
    return path


@pytest.fixture
def store(home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    """An empty store, on a disk that can share bytes (what a reflink does, by a plain copy)."""

    def share(source: BinaryIO, target: BinaryIO) -> bool:
        target.write(source.read())
        return True

    monkeypatch.setattr(adopting, "share_bytes", share)
    with Store.open(home) as opened:
        yield opened


def looks(path: Path) -> tuple[object, ...]:
    stat = path.stat()
    return stat.st_size, stat.st_mtime_ns, stat.st_ino, stat.st_mode, path.read_bytes()


def own(store: Store, path: Path, *ways: Link) -> OwnedModel:
    record = store.adopt_file(path, ways=ways or adopting.WAYS)
    files = (OwnedFile(path.name, "weights", record.digest, record.size),)
    return store.add_model(NewModel("model", files))


@EACH_WAY
def test_bytes_are_owned_and_the_file_stays_as_it_was(
    store: Store, theirs: Path, way: Link
) -> None:
    before = looks(theirs)
    model = own(store, theirs, way)
    record = store.record(model.weights.digest)
    assert (record.link, record.elsewhere) == (way, str(theirs))
    assert store.blob_path(record.digest).read_bytes() == before[-1]
    store.check_ready(model)
    assert store.verify(model).ok
    assert looks(theirs) == before


@EACH_WAY
def test_removal_leaves_their_file_and_says_that_nothing_was_freed(
    store: Store, theirs: Path, way: Link
) -> None:
    before = looks(theirs)
    report = store.remove(own(store, theirs, way))
    assert report.freed_bytes == 0
    assert looks(theirs) == before
    assert theirs.stat().st_nlink == 1
    assert store.models() == []


def test_the_best_way_is_taken_and_it_is_kept_in_the_record(store: Store, theirs: Path) -> None:
    digest = own(store, theirs).weights.digest
    with Store.open(store.home) as again:
        assert again.record(digest).link is Link.REFLINK
    (store.home / "records" / f"{digest.hex}.blob.json").unlink()
    with Store.open(store.home) as rebuilt:
        assert rebuilt.record(digest).elsewhere == str(theirs)


def test_without_reflinks_it_is_a_hard_link(
    store: Store, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adopting, "share_bytes", lambda source, target: False)
    model = own(store, theirs)
    assert store.record(model.weights.digest).link is Link.HARD_LINK
    assert store.blob_path(model.weights.digest).samefile(theirs)


def test_where_the_system_refuses_a_hard_link_it_is_a_reference(
    store: Store, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: Path, target: Path) -> None:  # as Linux does for another user's file
        raise PermissionError(1, "Operation not permitted", str(target))

    monkeypatch.setattr(adopting, "share_bytes", lambda source, target: False)
    monkeypatch.setattr(Path, "hardlink_to", refuse)
    model = own(store, theirs)
    assert store.record(model.weights.digest).link is Link.REFERENCE
    assert store.verify(model).ok


def test_on_another_disk_it_is_a_reference(store: Store) -> None:
    shm = Path("/dev/shm")
    if not shm.is_dir() or shm.stat().st_dev == store.home.parent.stat().st_dev:
        pytest.skip("there is no second disk here")
    with tempfile.NamedTemporaryFile(dir=shm, suffix=".gguf") as file:
        file.write(os.urandom(SIZE))
        file.flush()
        assert store.likely_way(Path(file.name)) is Link.REFERENCE
        record = store.adopt_file(Path(file.name), ways=(Link.HARD_LINK, Link.REFERENCE))
        assert record.link is Link.REFERENCE
        assert not list(store.home.glob("blobs/*/*"))
        with pytest.raises(StorageError, match="different disks"):
            store.adopt_file(Path(file.name), ways=(Link.HARD_LINK,))


@EACH_WAY
def test_a_name_is_a_claim_and_not_a_proof(store: Store, theirs: Path, way: Link) -> None:
    before = looks(theirs)
    with pytest.raises(HashMismatch):
        store.adopt_file(theirs, Digest("ab" * 32), ways=(way,))
    assert looks(theirs) == before
    assert theirs.stat().st_nlink == 1
    assert not list(store.home.glob("blobs/*/*"))
    assert not list(store.home.glob("records/*"))


@pytest.mark.parametrize("way", [Link.HARD_LINK, Link.REFERENCE])
def test_what_they_write_into_it_is_noticed_before_the_model_is_used(
    store: Store, theirs: Path, way: Link
) -> None:
    model = own(store, theirs, way)
    with theirs.open("r+b") as file:
        file.seek(2**20 + 5)
        byte = file.read(1)[0]
        file.seek(2**20 + 5)
        file.write(bytes([byte ^ 1]))
    with pytest.raises(DamagedModel, match="chunk 1 "):
        store.check_ready(model)


def test_what_they_write_into_a_reflinked_file_is_only_theirs(store: Store, theirs: Path) -> None:
    model = own(store, theirs, Link.REFLINK)
    theirs.write_bytes(b"something else")
    store.check_ready(model)
    assert store.verify(model).ok


@pytest.mark.parametrize("way", [Link.REFLINK, Link.HARD_LINK])
def test_the_model_stays_when_they_delete_their_file(store: Store, theirs: Path, way: Link) -> None:
    model = own(store, theirs, way)
    theirs.unlink()
    assert store.verify(model).ok
    assert store.remove(model).freed_bytes == SIZE


def test_a_referenced_file_that_is_gone_is_said_with_its_place(store: Store, theirs: Path) -> None:
    model = own(store, theirs, Link.REFERENCE)
    kept = theirs.rename(theirs.with_name("moved"))
    report = store.verify(model)
    assert report.files[0].state is FileState.MISSING
    assert report.files[0].detail == f"Its file at {theirs} is gone."
    with pytest.raises(DamagedModel, match=f"its file at {theirs} is gone"):
        store.check_ready(model)
    assert store.models()[0].health is FileState.MISSING
    kept.rename(theirs)
    assert store.verify(model).ok
    theirs.rename(kept)
    theirs.parent.rename(theirs.parent.with_name("away"))  # the whole disk, not mounted
    assert not store.verify(model).ok
    assert store.remove(model).freed_bytes == 0


def test_a_referenced_file_that_is_gone_can_be_had_again(store: Store, theirs: Path) -> None:
    data = theirs.read_bytes()
    model = own(store, theirs, Link.REFERENCE)
    theirs.unlink()
    again = theirs.with_name("again")
    again.write_bytes(data)
    record = store.add_file(again, model.weights.digest, move=True)
    assert (record.link, record.elsewhere) == (Link.OWN, None)
    assert not theirs.exists()  # nothing is ever put into their folder
    assert store.verify(model).ok


def test_a_symbolic_link_is_followed_to_the_file(store: Store, theirs: Path) -> None:
    link = theirs.with_name("link.gguf")
    link.symlink_to(theirs)
    record = store.adopt_file(link, ways=(Link.HARD_LINK,))
    assert record.elsewhere == str(theirs)
    link.unlink()
    assert store.blob_path(record.digest).read_bytes() == theirs.read_bytes()


def test_what_is_owned_already_is_not_held_a_second_time(store: Store, theirs: Path) -> None:
    ours = store.add_file(theirs, move=False)
    record = store.adopt_file(theirs, ways=(Link.HARD_LINK,))
    assert record == ours
    assert theirs.stat().st_nlink == 1


def test_a_damaged_blob_is_mended_by_adopting_a_good_copy(store: Store, theirs: Path) -> None:
    for way in adopting.WAYS:
        model = own(store, theirs, way)
        blob = store.home / "blobs" / model.id[:2] / model.id
        blob.unlink(missing_ok=True)
        blob.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(b"x" * SIZE)
        assert not store.verify(model).ok
        own(store, theirs, way)
        assert store.verify(model).ok
        store.remove(model)


def test_a_hard_link_that_a_killed_run_did_not_record_is_known_for_one(
    store: Store, theirs: Path
) -> None:
    digest = own(store, theirs, Link.HARD_LINK).weights.digest
    (store.home / "records" / f"{digest.hex}.blob.json").unlink()
    (store.home / "ledger.sqlite3").unlink()
    with Store.open(store.home) as again:
        kept = again.keep(digest)
    assert kept is not None
    assert kept.link is Link.HARD_LINK


@pytest.mark.parametrize("way", [Link.HARD_LINK, Link.REFERENCE])
def test_a_proof_that_is_renewed_does_not_forget_the_way(
    store: Store, theirs: Path, way: Link
) -> None:
    model = own(store, theirs, way)
    os.utime(theirs)
    kept = store.keep(model.weights.digest)
    assert kept is not None
    assert (kept.link, kept.elsewhere) == (way, str(theirs))


@pytest.mark.skipif(os.name == "nt", reason="modes are a Unix matter")
def test_their_file_keeps_its_mode_even_when_ours_cannot_be_deleted(
    store: Store, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    model = own(store, theirs, Link.HARD_LINK)

    def refuse(self: Path, missing_ok: bool = False) -> None:
        raise PermissionError(13, "Permission denied", str(self))

    monkeypatch.setattr(Path, "unlink", refuse)
    with pytest.raises(StorageError):
        store.remove(model)
    assert modes.S_IMODE(theirs.stat().st_mode) == 0o640


def test_a_file_that_is_written_to_meanwhile_is_refused(
    store: Store, theirs: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = hashing.hash_file

    def hash_and_write(path: Path, task: Any) -> Any:
        proof = real(path, task)
        with theirs.open("ab") as file:
            file.write(b"more")
        return proof

    monkeypatch.setattr(adopting, "hash_file", hash_and_write)
    with pytest.raises(StorageError, match="changed while it was being read"):
        store.adopt_file(theirs, ways=(Link.HARD_LINK,))
    assert not list(store.home.glob("blobs/*/*"))


def test_folders_pipes_circles_and_our_own_files_are_refused(store: Store, theirs: Path) -> None:
    with pytest.raises(StorageError, match="is not a file"):
        store.adopt_file(theirs.parent)
    circle = theirs.with_name("circle")
    circle.symlink_to(circle)
    with pytest.raises(StorageError):
        store.adopt_file(circle)
    if hasattr(os, "mkfifo"):
        os.mkfifo(theirs.with_name("pipe"))
        with pytest.raises(StorageError, match="is not a file"):
            store.adopt_file(theirs.with_name("pipe"))
    blob = store.blob_path(own(store, theirs, Link.REFLINK).weights.digest)
    with pytest.raises(UsageError, match="Freehold's own"):
        store.adopt_file(blob)


def test_records_of_before_still_read_and_new_ones_read_back(store: Store, theirs: Path) -> None:
    ours = replace(store.add_file(theirs, move=False), link=Link.OWN)
    assert "link" not in codec.blob_body(ours)  # what an older Freehold wrote, to the letter
    assert codec.blob_of(codec.blob_body(ours), ours.chunks) == ours
    shared = replace(ours, link=Link.REFERENCE, elsewhere="/over/there")
    assert codec.blob_of(codec.blob_body(shared), shared.chunks) == shared
