from __future__ import annotations

import errno
import os
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from freehold.errors import DamagedModel
from freehold.progress import Progress, SilentProgress, Task
from freehold.store.model import FileState, OwnedModel
from freehold.store.records import blob_name
from freehold.store.store import Store

MIB = 1 << 20
Own = Callable[..., OwnedModel]
MakeFile = Callable[..., Path]
Flip = Callable[[Path, int], None]


@pytest.fixture
def model(own: Own, make_file: MakeFile) -> OwnedModel:
    return own("smol", make_file("m.gguf", 10 * MIB + 100), make_file("README.md", 10, seed=1))


@pytest.fixture
def blob(store: Store, model: OwnedModel) -> Path:
    return store.blob_path(model.weights.digest)


def test_a_good_model_is_good_and_all_of_it_was_read(
    store: Store, model: OwnedModel, was_read: dict[str, int]
) -> None:
    was_read.clear()
    report = store.verify(model)
    assert report.ok
    assert [file.state for file in report.files] == [FileState.OK, FileState.OK]
    assert was_read == {"m.gguf": 10 * MIB + 100, "README.md": 10}


def test_bad_chunks_are_named_and_remembered(
    store: Store, model: OwnedModel, blob: Path, flip_bit: Flip
) -> None:
    flip_bit(blob, 8 * (3 * MIB + 7))
    flip_bit(blob, 8 * (10 * MIB + 99))
    report = store.verify(model)
    assert not report.ok
    assert report.files[0].state is FileState.DAMAGED
    assert report.files[0].bad_chunks == (3, 10)
    assert report.files[0].bad_ranges == ((3 * MIB, 4 * MIB), (10 * MIB, 10 * MIB + 100))
    assert report.files[1].ok
    assert store.find("smol").health is FileState.DAMAGED
    assert store.record(model.weights.digest).health.bad_chunks == (3, 10)


def test_verifying_changes_no_byte_and_no_time(
    store: Store, model: OwnedModel, blob: Path, flip_bit: Flip
) -> None:
    flip_bit(blob, 5)
    data, stat = blob.read_bytes(), blob.stat()
    store.verify_all()
    assert blob.read_bytes() == data
    assert (blob.stat().st_mtime_ns, blob.stat().st_mode) == (stat.st_mtime_ns, stat.st_mode)


def test_random_flipped_bits_are_all_found(
    store: Store, model: OwnedModel, blob: Path, flip_bit: Flip
) -> None:
    chance = random.Random(20)
    flips = 30
    for _ in range(flips):
        bit = chance.randrange(model.weights.size * 8)
        flip_bit(blob, bit)
        assert store.verify(model).files[0].bad_chunks == (bit // 8 // MIB,)
        flip_bit(blob, bit)
    print(f"{flips} of {flips} flipped bits were found in their chunk")
    assert store.verify(model).ok
    assert store.find("smol").health is FileState.OK


@pytest.mark.parametrize(
    ("damage", "state"),
    [
        ("cut", FileState.SIZE_CHANGED),
        ("grown", FileState.SIZE_CHANGED),
        ("gone", FileState.MISSING),
        ("a folder", FileState.SIZE_CHANGED),
    ],
)
def test_other_damage_is_reported_as_what_it_is(
    store: Store, model: OwnedModel, blob: Path, damage: str, state: FileState
) -> None:
    blob.chmod(0o644)
    match damage:
        case "cut":
            os.truncate(blob, MIB)
        case "grown":
            os.truncate(blob, 20 * MIB)
        case "gone":
            blob.unlink()
        case "a folder":
            blob.unlink()
            blob.mkdir()
    [report] = store.verify_all()
    assert report.files[0].state is state
    assert report.files[0].detail
    assert store.find("smol").health is state
    with pytest.raises(DamagedModel, match=state.value):
        store.check_ready(model)


def test_a_file_that_cannot_be_opened_is_unreadable(
    store: Store, model: OwnedModel, blob: Path
) -> None:
    if os.geteuid() == 0:
        blob.unlink()
        blob.symlink_to(blob)  # a loop: even the superuser can't read it
    else:
        blob.chmod(0)
    assert store.verify(model).files[0].state is FileState.UNREADABLE
    with pytest.raises(DamagedModel):
        store.check_ready(model)


def test_lost_chunk_hashes_still_leave_the_whole_hash(
    store: Store, model: OwnedModel, blob: Path, home: Path, flip_bit: Flip
) -> None:
    (home / "records" / blob_name(model.weights.digest)).unlink()
    (home / "ledger.sqlite3").unlink()
    assert store.models()[0].health is FileState.MISSING  # until it is read again
    assert store.verify(model).ok
    flip_bit(blob, 9)
    report = store.verify(model).files[0]
    assert (report.state, report.bad_chunks) == (FileState.DAMAGED, ())


def test_a_lost_record_is_made_again_before_use(
    store: Store, model: OwnedModel, home: Path, was_read: dict[str, int], progress: Progress
) -> None:
    digest = model.weights.digest
    before = store.record(digest)
    (home / "records" / blob_name(digest)).unlink()
    (home / "ledger.sqlite3").unlink()
    with Store.open(home, progress) as later:
        later.check_ready(model)
        after = later.record(digest)
        assert (after.chunks, after.root) == (before.chunks, before.root)
        was_read.clear()
        later.check_ready(model)
        assert was_read == {}
        assert later.remove(model).freed_bytes == model.size


def test_a_model_that_has_not_changed_is_ready_without_reading_it(
    store: Store, model: OwnedModel, was_read: dict[str, int]
) -> None:
    was_read.clear()
    store.check_ready(model)
    assert was_read == {}


def test_a_touched_file_is_proven_again_once(
    store: Store, model: OwnedModel, blob: Path, was_read: dict[str, int]
) -> None:
    os.utime(blob)
    was_read.clear()
    store.check_ready(model)
    assert was_read["m.gguf"] == model.weights.size
    was_read.clear()
    store.check_ready(model)
    assert was_read == {}


def test_a_replaced_file_of_the_same_size_and_time_is_proven_again(
    store: Store, model: OwnedModel, blob: Path, tmp_path: Path
) -> None:
    stat = blob.stat()
    other = tmp_path / "other"
    other.write_bytes(bytes(stat.st_size))
    os.utime(other, ns=(stat.st_atime_ns, stat.st_mtime_ns))
    other.replace(blob)
    with pytest.raises(DamagedModel, match=r"chunk 0 \(bytes 0 to 1,048,575\)"):
        store.check_ready(model)


def test_a_model_known_to_be_damaged_is_refused_without_reading_it_again(
    store: Store,
    model: OwnedModel,
    blob: Path,
    flip_bit: Flip,
    was_read: dict[str, int],
    home: Path,
    progress: Progress,
) -> None:
    flip_bit(blob, 8 * 2 * MIB)
    store.verify(model)
    was_read.clear()
    with (
        Store.open(home, progress) as later,
        pytest.raises(DamagedModel, match=r"m\.gguf: damaged, chunk 2 \(bytes 2,097,152"),
    ):
        later.check_ready(model)
    assert was_read == {}


def test_many_bad_chunks_are_counted_rather_than_listed(
    store: Store, model: OwnedModel, blob: Path
) -> None:
    blob.chmod(0o644)
    blob.write_bytes(bytes(model.weights.size))
    with pytest.raises(DamagedModel, match="and 6 more"):
        store.check_ready(model)


def test_what_was_found_on_a_store_that_cannot_be_written_is_still_said(
    store: Store,
    model: OwnedModel,
    blob: Path,
    flip_bit: Flip,
    notes: list[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(path: Path, data: bytes) -> None:
        raise OSError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr("freehold.store.records.write_durably", refuse)
    flip_bit(blob, 5)
    assert store.verify(model).files[0].bad_chunks == (0,)
    assert "Read-only file system" in notes[0]
    notes.clear()
    os.utime(store.blob_path(model.files[1].digest))
    flip_bit(blob, 5)
    store.check_ready(model)
    store.mark_used(model)
    assert len(notes) == 3


def test_damage_mended_while_it_was_being_read_is_not_noted(
    store: Store, model: OwnedModel, blob: Path, flip_bit: Flip, make_file: MakeFile, home: Path
) -> None:
    whole = make_file("again", 10 * MIB + 100)

    class Mending(SilentProgress):
        @contextmanager
        def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
            with SilentProgress().task(label) as task:
                yield task
            if label == "m.gguf":
                with Store.open(home) as other:
                    other.add_file(whole, None, move=False)

    flip_bit(blob, 5)
    os.utime(blob)  # so that the other process does not take it for the proven one
    assert not store.verify(model, Mending()).ok
    assert store.find("smol").health is FileState.OK
    store.check_ready(model)


def test_verifying_all_reads_the_ledger_too(
    store: Store, model: OwnedModel, home: Path, notes: list[str]
) -> None:
    (home / "ledger.sqlite3").write_bytes(b"no database")
    assert all(report.ok for report in store.verify_all())
    assert "rebuilt" in "".join(notes)
