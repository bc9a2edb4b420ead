from __future__ import annotations

import hashlib
import os
import pickle
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from freehold.errors import DamagedModel, HashMismatch, NotEnoughSpace, StorageError
from freehold.names import Digest
from freehold.progress import SILENT, SilentProgress
from freehold.store import patch as patch_module
from freehold.store.model import BlobRecord, FileState, HealthNote, now
from freehold.store.parity import make_parity
from freehold.store.parity_file import read_parity
from freehold.store.parity_repair import plan_repair, restore_chunks
from freehold.store.patch import Rebuild, rebuild

CHUNK = 4096
COUNT = 64


def record_of(data: bytes) -> BlobRecord:
    parts = [data[begin : begin + CHUNK] for begin in range(0, len(data), CHUNK)]
    hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
    whole = Digest(hashlib.sha256(data).hexdigest())
    note = HealthNote(FileState.OK, now())
    return BlobRecord(whole, len(data), CHUNK, hashes, whole, now(), 0, 0, note)


class Blob:
    """A blob of 64 chunks, the last one short, and a source that counts what it is asked."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / "blob"
        self.staged = folder / "staged"
        self.good = random.Random(8).randbytes(COUNT * CHUNK - 100)
        self.path.write_bytes(self.good)
        self.path.chmod(0o444)
        self.record = record_of(self.good)
        self.asked: list[int] = []

    def chunk(self, index: int) -> bytes:
        begin, end = self.record.chunk_range(index)
        return self.good[begin:end]

    def fetch(self, index: int) -> bytes | None:
        self.asked.append(index)
        return self.chunk(index)

    def edit(self, change: Callable[[bytearray], object]) -> bytes:
        """Damage the file on the disk; what it is now."""
        data = bytearray(self.good)
        change(data)
        self.write(data)
        return bytes(data)

    def write(self, data: bytes | bytearray) -> None:
        self.path.chmod(0o644)
        self.path.write_bytes(data)
        self.path.chmod(0o444)

    def flip(self, *chunks: int) -> bytes:
        def change(data: bytearray) -> None:
            for index in chunks:
                data[index * CHUNK + index] ^= 1 << index % 8

        return self.edit(change)


@pytest.fixture
def blob(tmp_path: Path) -> Blob:
    return Blob(tmp_path)


def test_only_the_bad_chunks_are_asked_for(blob: Blob) -> None:
    blob.flip(0, 17, 18, 63)
    report = rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good
    assert blob.asked == [0, 17, 18, 63] == list(report.replaced)
    assert (report.kept, report.resumed, report.size) == (60, 0, len(blob.good))
    stat = blob.path.stat()
    assert (report.mtime_ns, report.inode) == (stat.st_mtime_ns, stat.st_ino)
    assert not blob.staged.exists()
    assert stat.st_mode & 0o222 == 0


@pytest.mark.parametrize("keep", [0, 1, CHUNK, 30 * CHUNK + 5, COUNT * CHUNK - 101])
def test_a_truncated_file_gets_its_tail(blob: Blob, keep: int) -> None:
    blob.edit(lambda data: data.__delitem__(slice(keep, None)))
    rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good
    assert blob.asked == list(range(keep // CHUNK, COUNT))


def test_a_file_that_grew_loses_what_was_added(blob: Blob) -> None:
    blob.edit(lambda data: data.extend(b"more" * 5000))
    rebuild(blob.path, blob.record, {}, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good


def test_a_file_that_is_gone_is_made_of_given_chunks_alone(blob: Blob) -> None:
    blob.path.unlink()
    chunks = {index: blob.chunk(index) for index in range(COUNT)}
    report = rebuild(None, blob.record, chunks, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good
    assert (report.kept, len(report.replaced)) == (0, COUNT)


def test_random_damage_of_every_kind_is_mended(blob: Blob) -> None:
    chance, given = random.Random(6), 0
    for _ in range(60):
        data = bytearray(blob.good)
        bad = chance.sample(range(COUNT), chance.randint(0, 20))
        for index in bad:
            begin, end = blob.record.chunk_range(index)
            data[chance.randrange(begin, end)] ^= 1 << chance.randrange(8)
        if chance.random() < 0.3:
            del data[chance.randrange(len(data)) :]
        blob.write(data)
        before = len(blob.asked)
        rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
        assert blob.path.read_bytes() == blob.good
        given += len(blob.asked) - before
    print(f"60 damaged files mended with {given} of {60 * COUNT} chunks fetched")


def test_chunks_that_cannot_be_had_are_named_and_the_old_file_stays(blob: Blob) -> None:
    damaged = blob.flip(3, 17, 18, 40)
    chunks = {3: blob.chunk(3)}
    with pytest.raises(DamagedModel) as caught:
        rebuild(blob.path, blob.record, chunks, blob.path, SILENT, staged=blob.staged)
    assert "chunks 17 to 18, 40 of 64 could be had nowhere" in caught.value.message
    assert blob.path.read_bytes() == damaged


def test_what_was_found_is_kept_for_the_next_attempt(blob: Blob) -> None:
    blob.flip(3, 17)
    with pytest.raises(DamagedModel):
        rebuild(
            blob.path,
            blob.record,
            {3: blob.chunk(3)},
            blob.path,
            SILENT,
            staged=blob.staged,
        )
    report = rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.asked == [17]
    assert (report.kept, report.resumed) == (0, 63)
    assert blob.path.read_bytes() == blob.good


def test_wrong_bytes_from_a_source_are_never_used(blob: Blob) -> None:
    damaged = blob.flip(5, 9)
    notes: list[str] = []

    class Noting(SilentProgress):
        def note(self, text: str) -> None:
            notes.append(text)

    chunks = {5: blob.chunk(6), 9: blob.chunk(9)[:-1]}
    with pytest.raises(DamagedModel, match="chunks 5, 9 of 64"):
        rebuild(blob.path, blob.record, chunks, blob.path, Noting(), staged=blob.staged)
    assert blob.path.read_bytes() == damaged
    assert notes == ["Chunks 5, 9 came with wrong bytes: not used."]


def test_a_chunk_that_is_another_is_refused_when_put(blob: Blob) -> None:
    blob.flip(5)
    with Rebuild.begin(blob.path, blob.record, blob.staged, SILENT) as new:
        with pytest.raises(HashMismatch, match="chunk 5"):
            new.put(5, blob.chunk(4))
        assert new.missing == (5,)


def test_a_source_that_fails_leaves_the_old_file_and_what_was_found(blob: Blob) -> None:
    damaged = blob.flip(3, 17)

    def failing(index: int) -> bytes | None:
        if index == 17:
            raise StorageError("The other disk went away.")
        return blob.chunk(index)

    with pytest.raises(StorageError, match="went away"):
        rebuild(blob.path, blob.record, failing, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == damaged
    rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.asked == [17]


def test_damage_in_the_unfinished_file_is_found_and_mended(blob: Blob) -> None:
    blob.flip(3, 17)
    with Rebuild.begin(blob.path, blob.record, blob.staged, SILENT) as new:
        new.put(3, blob.chunk(3))
    data = bytearray(blob.staged.read_bytes())
    data[3 * CHUNK] ^= 1
    data[30 * CHUNK] ^= 1
    blob.staged.write_bytes(data)
    rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.asked == [3, 17]
    assert blob.path.read_bytes() == blob.good


def test_a_disk_that_gives_back_something_else_never_replaces_the_file(blob: Blob) -> None:
    damaged = blob.flip(3)
    with Rebuild.begin(blob.path, blob.record, blob.staged, SILENT) as new:
        new.put(3, blob.chunk(3))
        with blob.staged.open("r+b") as file:
            file.seek(50 * CHUNK)
            value = file.read(1)[0]
            file.seek(50 * CHUNK)
            file.write(bytes([value ^ 1]))
        with pytest.raises(HashMismatch, match="reads back as"):
            new.finish(blob.path, SILENT)
    assert blob.path.read_bytes() == damaged


def test_another_folder_s_name_for_the_damaged_file_is_not_touched(blob: Blob) -> None:
    """An adopted file may be a hard link of someone else's: theirs stays as it is."""
    damaged = blob.flip(3)
    theirs = blob.path.with_name("theirs")
    theirs.hardlink_to(blob.path)
    rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert theirs.read_bytes() == damaged
    assert blob.path.read_bytes() == blob.good


def test_a_reader_of_the_damaged_file_is_not_disturbed(blob: Blob) -> None:
    damaged = blob.flip(3)
    with blob.path.open("rb") as reader:
        rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
        assert reader.read() == damaged


def test_a_full_disk_is_said_before_anything_is_written(
    blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    blob.flip(3)
    monkeypatch.setattr("freehold.store.space.free_bytes", lambda home: len(blob.good) - 1)
    monkeypatch.setattr(patch_module, "share_bytes", lambda source, target: False)
    with pytest.raises(NotEnoughSpace):
        rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert not blob.staged.exists() or blob.staged.stat().st_size == 0
    assert blob.asked == []


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file size there")
def test_a_disk_that_fills_up_is_an_error_and_the_next_attempt_finishes(blob: Blob) -> None:
    import resource

    damaged = blob.flip(3, 60)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        with Rebuild.begin(blob.path, blob.record, blob.staged, SILENT) as new:
            resource.setrlimit(resource.RLIMIT_FSIZE, (len(blob.good) // 2, before[1]))
            new.put(3, blob.chunk(3))
            with pytest.raises(StorageError, match="Could not rebuild"):
                new.put(60, blob.chunk(60))
            with pytest.raises(DamagedModel, match="chunk 60 of 64"):
                new.finish(blob.path, SILENT)
        blob.staged.unlink()
        with pytest.raises(StorageError, match="Could not rebuild"):
            rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert blob.path.read_bytes() == damaged
    rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good


def test_sharing_bytes_with_the_damaged_file_changes_neither_it_nor_the_result(
    blob: Blob, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As on a file system with reflinks, which this one may not be."""

    def share(source: object, target: object) -> bool:
        os.write(target.fileno(), blob.path.read_bytes())  # type: ignore[attr-defined] # a file
        return True

    monkeypatch.setattr(patch_module, "share_bytes", share)
    damaged = blob.flip(3, 17)
    theirs = blob.path.with_name("theirs")
    theirs.hardlink_to(blob.path)
    report = rebuild(blob.path, blob.record, blob.fetch, blob.path, SILENT, staged=blob.staged)
    assert (report.kept, report.resumed, report.replaced) == (62, 0, (3, 17))
    assert blob.path.read_bytes() == blob.good
    assert theirs.read_bytes() == damaged
    blob.edit(lambda data: data.extend(b"and more"))
    rebuild(blob.path, blob.record, {}, blob.path, SILENT, staged=blob.staged)
    assert blob.path.read_bytes() == blob.good


def test_parity_and_a_source_together_make_it_whole(blob: Blob, tmp_path: Path) -> None:
    parity = make_parity(blob.path, blob.record, 5, tmp_path / "parity", SILENT)
    assert parity.layout.cell_count == 4
    blob.flip(1, 2, 3, 4, 5)
    with Rebuild.begin(blob.path, blob.record, blob.staged, SILENT) as new:
        new.put(3, blob.chunk(3))
        assert new.missing == (1, 2, 4, 5)
        plan = plan_repair(parity, blob.record, new.missing, SILENT)
        # The chunk that came from elsewhere is read from the new file.
        for index, data in restore_chunks(blob.staged, parity, plan, SILENT):
            new.put(index, data)
        new.finish(blob.path, SILENT)
    assert blob.path.read_bytes() == blob.good


def test_a_blob_whose_record_is_lost_is_repaired_by_its_parity_file_alone(
    blob: Blob, tmp_path: Path
) -> None:
    make_parity(blob.path, blob.record, 5, tmp_path / "parity", SILENT)
    blob.flip(10, 30)
    parity = read_parity(tmp_path / "parity")
    with Rebuild.begin(blob.path, parity, blob.staged, SILENT) as new:
        plan = plan_repair(parity, parity, new.missing, SILENT)
        for index, data in restore_chunks(blob.path, parity, plan, SILENT):
            new.put(index, data)
        new.finish(blob.path, SILENT)
    assert blob.path.read_bytes() == blob.good


_REPAIR = """
import pickle, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
folder = Path(sys.argv[2])
from freehold.progress import SILENT
from freehold.store.patch import rebuild
record, good = pickle.loads((folder / "facts").read_bytes())
def fetch(index):
    begin, end = record.chunk_range(index)
    return good[begin:end]
blob = folder / "blob"
print("ready", flush=True)
rebuild(blob, record, fetch, blob, SILENT, staged=folder / "staged")
print("done", flush=True)
"""


def test_killed_at_any_moment_the_old_file_or_the_new_one_is_there(
    tmp_path: Path, repository: Path
) -> None:
    good = random.Random(2).randbytes(400 * CHUNK)
    record = record_of(good)
    blob, staged = tmp_path / "blob", tmp_path / "staged"
    (tmp_path / "facts").write_bytes(pickle.dumps((record, good)))
    damaged = bytearray(good)
    for index in range(0, 400, 10):
        damaged[index * CHUNK + 1] ^= 2
    fetched = {index: good[CHUNK * index : CHUNK * (index + 1)] for index in range(400)}
    blob.write_bytes(damaged)
    begun = time.monotonic()
    rebuild(blob, record, fetched, blob, SILENT, staged=staged)
    whole = time.monotonic() - begun
    chance, old, new, unfinished = random.Random(1), 0, 0, 0
    for _ in range(24):
        blob.unlink()
        blob.write_bytes(damaged)
        blob.chmod(0o444)
        command = [sys.executable, "-c", _REPAIR, str(repository / "src"), str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == b"ready\n"
            time.sleep(chance.uniform(0, 2.2 * whole))
            child.kill()
        content = blob.read_bytes()
        assert content in (bytes(damaged), good)
        old += content != good
        new += content == good
        unfinished += staged.exists()
        rebuild(blob, record, fetched, blob, SILENT, staged=staged)
        assert blob.read_bytes() == good
        assert not staged.exists()
    print(f"24 kills: {old} left the old file ({unfinished} with work to resume), {new} the new")
