"""Owning a file: what it proves, what it leaves alone, and what a kill in between leaves."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import HashMismatch, NotEnoughSpace, NotOwned, StorageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.model import FileState, NewModel, OwnedFile, OwnedModel
from freehold.store.records import blob_name
from freehold.store.store import Store

MIB = 1 << 20
WRONG = Digest("00" * 32)
MakeFile = Callable[..., Path]


def digest_of(path: Path) -> Digest:
    return Digest(hashlib.sha256(path.read_bytes()).hexdigest())


def test_a_copied_file_is_proven_and_left_alone(
    store: Store, make_file: MakeFile, was_read: dict[str, int]
) -> None:
    path = make_file("m.gguf", 2 * MIB + 5)
    before = path.stat()
    record = store.add_file(path, digest_of(path), move=False)
    assert record.digest == digest_of(path) == digest_of(store.blob_path(record.digest))
    assert (record.size, record.chunk_count) == (2 * MIB + 5, 3)
    assert record.chunk_hash(2) == hashlib.sha256(path.read_bytes()[2 * MIB :]).digest()
    assert record.health.state is FileState.OK
    assert path.stat() == before
    assert store.unfinished() == []
    assert was_read == {"m.gguf": 2 * MIB + 5}
    assert store.by_digest(record.digest) == record


def test_a_moved_file_becomes_the_blob_without_a_copy(store: Store) -> None:
    with store.staging("k") as work:
        path = work.path("m.gguf")
        path.write_bytes(b"weights")
        inode = path.stat().st_ino
        record = store.add_file(path, None, move=True)
        assert not path.exists()
    assert store.blob_path(record.digest).stat().st_ino == inode == record.inode


@pytest.mark.parametrize("move", [True, False])
def test_a_wrong_hash_names_both_and_leaves_the_file_where_it_is(
    store: Store, make_file: MakeFile, home: Path, move: bool
) -> None:
    path = make_file("m.gguf", 1000)
    with pytest.raises(HashMismatch) as caught:
        store.add_file(path, WRONG, move=move)
    assert WRONG.hex in str(caught.value)
    assert digest_of(path).hex in str(caught.value)
    assert path.stat().st_size == 1000
    assert store.unfinished() == []
    assert not store.has(digest_of(path))
    assert not list(home.rglob("*.json"))


def test_an_empty_file_can_be_owned(store: Store, make_file: MakeFile) -> None:
    record = store.add_file(make_file("empty", 0), None, move=False)
    assert (record.size, record.chunks) == (0, b"")
    assert store.has(record.digest)


def test_bytes_that_are_owned_are_not_kept_twice(store: Store, make_file: MakeFile) -> None:
    one = make_file("one", 5000, seed=7)
    first = store.add_file(one, None, move=False)
    again = store.add_file(make_file("two", 5000, seed=7), None, move=True)
    assert again == first
    assert not (one.parent / "two").exists()
    assert len(list(store.home.glob("blobs/*/*"))) == 1


def test_fresh_bytes_replace_a_damaged_blob(
    store: Store,
    make_file: MakeFile,
    own: Callable[..., OwnedModel],
    flip_bit: Callable[[Path, int], None],
) -> None:
    path = make_file("m.gguf", 3 * MIB)
    model = own("m", path)
    flip_bit(store.blob_path(model.weights.digest), 99)
    assert not store.verify(model).ok
    store.add_file(path, None, move=False)
    assert store.verify(model).ok
    store.check_ready(model)


@pytest.mark.parametrize("name", ["nowhere", "."])
def test_what_is_no_file_is_an_error(store: Store, tmp_path: Path, name: str) -> None:
    with pytest.raises(StorageError):
        store.add_file(tmp_path / name, None, move=False)


def test_a_link_is_followed_and_left_alone_even_when_moving(
    store: Store, make_file: MakeFile, tmp_path: Path
) -> None:
    path, link = make_file("m.gguf", 100), tmp_path / "link"
    link.symlink_to(path)
    record = store.add_file(link, None, move=True)
    assert not store.blob_path(record.digest).is_symlink()
    assert link.is_symlink()
    assert path.exists()


def test_a_file_on_another_disk_is_moved_by_a_copy(
    store: Store, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.store.adding.Adder._is_on_our_disk", lambda *_: False)
    path = make_file("m.gguf", 100)
    digest = digest_of(path)
    assert store.add_file(path, digest, move=True).digest == digest
    assert not path.exists()


def test_a_copy_that_would_not_fit_is_not_begun(
    store: Store, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    monkeypatch.setattr("freehold.store.space.free_bytes", lambda _: 999)
    with pytest.raises(NotEnoughSpace, match=r"1\.0 kB .* 999 B free"):
        store.add_file(make_file("m.gguf", 1000), None, move=False)
    assert not list(home.rglob("copy"))


def test_a_file_that_changes_while_it_is_read_is_not_owned(
    store: Store, make_file: MakeFile, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = make_file("m.gguf", 100)
    from freehold.store import adding
    from freehold.store.hashing import hash_file

    def slow(path: Path, task: object) -> object:
        proof = hash_file(path, task)  # type: ignore[arg-type]  # passed through
        os.utime(path, ns=(1, 1))
        return proof

    monkeypatch.setattr(adding, "hash_file", slow)
    with pytest.raises(StorageError, match="changed while"):
        store.add_file(path, None, move=True)
    assert path.exists()


def test_proving_owns_nothing(store: Store, make_file: MakeFile, home: Path) -> None:
    path = make_file("m.gguf", 100)
    store.prove(path, digest_of(path))
    with pytest.raises(HashMismatch):
        store.prove(path, WRONG)
    assert not home.exists()


def test_a_blob_that_is_here_is_kept_without_reading_it(
    store: Store, make_file: MakeFile, was_read: dict[str, int]
) -> None:
    record = store.add_file(make_file("m.gguf", 100), None, move=False)
    was_read.clear()
    assert store.keep(record.digest) == record
    assert was_read == {}
    assert store.keep(WRONG) is None
    assert store.record(record.digest) == record
    with pytest.raises(NotOwned):
        store.record(WRONG)


def test_a_blob_that_a_kill_left_without_a_record_is_proven_and_kept(
    store: Store, make_file: MakeFile, home: Path, progress: Progress
) -> None:
    path = make_file("m.gguf", 100)
    digest = digest_of(path)
    blob = store.blob_path(digest)
    blob.parent.mkdir(parents=True)
    path.rename(blob)
    assert not store.has(digest)
    with Store.open(home, progress) as again:
        record = again.keep(digest)
        assert record is not None
        assert again.has(digest)
        owned = again.add_model(
            NewModel("m", (OwnedFile("m.gguf", "weights", digest, record.size),))
        )
        assert again.verify(owned).ok


def test_a_false_blob_without_a_record_is_not_kept(
    store: Store, make_file: MakeFile, home: Path
) -> None:
    blob = store.blob_path(WRONG)
    blob.parent.mkdir(parents=True)
    make_file("m.gguf", 100).rename(blob)
    assert store.keep(WRONG) is None
    assert not (home / "records" / blob_name(WRONG)).exists()
