from __future__ import annotations

import hashlib
import math
import random
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import DamagedModel, NotEnoughSpace, StorageError, UsageError
from freehold.names import Digest
from freehold.progress import SILENT, Task
from freehold.store import parity as parity_module
from freehold.store.erasure import LIMIT
from freehold.store.model import BlobRecord, FileState, HealthNote, now
from freehold.store.parity import check_parity, lay_out, make_parity
from freehold.store.parity_file import read_parity

CHUNK = 1024


def blob(folder: Path, size: int, chunk_size: int = CHUNK) -> tuple[Path, BlobRecord]:
    """A file of random bytes and its record."""
    data = random.Random(size).randbytes(size)
    path = folder / "blob"
    path.write_bytes(data)
    parts = [data[begin : begin + chunk_size] for begin in range(0, size, chunk_size)]
    hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
    whole = Digest(hashlib.sha256(data).hexdigest())
    note = HealthNote(FileState.OK, now())
    return path, BlobRecord(whole, size, chunk_size, hashes, whole, now(), 0, 0, note)


def flip(path: Path, place: int, bit: int = 1) -> None:
    with path.open("r+b") as file:
        file.seek(place)
        value = file.read(1)[0]
        file.seek(place)
        file.write(bytes([value ^ bit]))


@given(
    st.integers(1, 1 << 40),
    st.sampled_from([4096, 1 << 20]),
    st.floats(0.01, 100, allow_nan=False),
)
def test_the_layout_gives_what_was_asked_and_little_more(
    size: int, chunk_size: int, percent: float
) -> None:
    layout = lay_out(size, chunk_size, percent)
    wanted = math.ceil(layout.chunk_count * percent / 100)
    assert wanted <= layout.cell_count < wanted + layout.stripes
    assert layout.stripe_size + layout.rows <= LIMIT
    assert layout.stripes <= layout.chunk_count
    assert layout.rows <= 24


def test_every_chunk_is_in_one_stripe_and_every_parity_chunk_has_one_place() -> None:
    layout = lay_out(1000 * CHUNK - 5, CHUNK, 5)
    members = [index for stripe in range(layout.stripes) for index in layout.members(stripe)]
    assert sorted(members) == list(range(1000))
    numbers = {
        layout.cell_number(stripe, row)
        for stripe in range(layout.stripes)
        for row in range(layout.rows)
    }
    assert numbers == set(range(layout.cell_count))
    assert layout.stripes > 1


def test_a_burst_takes_as_little_as_it_can_from_each_stripe() -> None:
    layout = lay_out(1000 * CHUNK, CHUNK, 5)
    for begin in range(950):
        burst = range(begin, begin + layout.cell_count)
        hits = [len(set(burst) & set(layout.members(stripe))) for stripe in range(layout.stripes)]
        assert max(hits) <= layout.rows


@pytest.mark.parametrize("percent", [0, -1, 100.5, math.nan, math.inf])
def test_a_senseless_percentage_is_refused(percent: float) -> None:
    with pytest.raises(UsageError, match="makes no sense"):
        lay_out(CHUNK, CHUNK, percent)


def test_an_empty_file_has_nothing_to_protect() -> None:
    with pytest.raises(UsageError, match="nothing to protect"):
        lay_out(0, CHUNK, 5)


@pytest.mark.parametrize("size", [1, 7, CHUNK, CHUNK + 1, 300 * CHUNK - 9, 1000 * CHUNK])
def test_what_was_made_is_what_is_read_and_nothing_of_it_is_damaged(
    tmp_path: Path, size: int
) -> None:
    path, record = blob(tmp_path, size)
    out = tmp_path / "blob.parity"
    made = make_parity(path, record, 5, out, SILENT)
    assert read_parity(out) == made
    assert (made.digest, made.size, made.chunks) == (record.digest, size, record.chunks)
    assert out.stat().st_size == made.layout.file_size
    assert check_parity(made, SILENT) == ()
    assert sorted(entry.name for entry in tmp_path.glob("blob*")) == ["blob", "blob.parity"]


def test_a_small_file_gets_a_small_parity_file(tmp_path: Path) -> None:
    path, record = blob(tmp_path, 300, 1 << 20)
    made = make_parity(path, record, 5, tmp_path / "out", SILENT)
    assert made.layout.file_size < 1000


def test_the_bytes_are_the_same_however_much_memory_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, record = blob(tmp_path, 1500 * CHUNK - 100)
    first = make_parity(path, record, 7, tmp_path / "first", SILENT)
    assert first.layout.stripes >= 3
    monkeypatch.setattr(parity_module, "_MEMORY", 2 * first.layout.rows * CHUNK)
    make_parity(path, record, 7, tmp_path / "second", SILENT)
    assert (tmp_path / "first").read_bytes() == (tmp_path / "second").read_bytes()


def test_damage_is_never_protected_and_the_old_parity_stays(tmp_path: Path) -> None:
    path, record = blob(tmp_path, 100 * CHUNK)
    out = tmp_path / "out"
    make_parity(path, record, 5, out, SILENT)
    before = out.read_bytes()
    flip(path, 57 * CHUNK + 3)
    with pytest.raises(DamagedModel, match=r"Chunk 57 of .* is damaged: nothing was protected"):
        make_parity(path, record, 20, out, SILENT)
    assert out.read_bytes() == before
    assert not list(tmp_path.glob("*.tmp"))


def test_a_file_that_is_gone_or_a_full_disk_is_said_in_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, record = blob(tmp_path, 100 * CHUNK)
    with pytest.raises(StorageError, match="write the parity file"):
        make_parity(tmp_path / "gone", record, 5, tmp_path / "out", SILENT)
    monkeypatch.setattr("freehold.store.space.free_bytes", lambda home: 1000)
    with pytest.raises(NotEnoughSpace):
        make_parity(path, record, 5, tmp_path / "out", SILENT)
    assert not list(tmp_path.glob("out*"))


@pytest.mark.skipif(sys.platform == "win32", reason="no limits on file size there")
def test_a_disk_that_fills_up_leaves_nothing_behind(tmp_path: Path) -> None:
    import resource

    path, record = blob(tmp_path, 400 * CHUNK)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    old = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10 * CHUNK, before[1]))
        with pytest.raises(StorageError, match="Could not write the parity file"):
            make_parity(path, record, 10, tmp_path / "out", SILENT)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        signal.signal(signal.SIGXFSZ, old)
    assert not list(tmp_path.glob("out*"))


def test_flipped_bits_in_the_parity_chunks_are_all_found(tmp_path: Path) -> None:
    path, record = blob(tmp_path, 600 * CHUNK)
    made = make_parity(path, record, 10, tmp_path / "out", SILENT)
    chance, found = random.Random(3), 0
    good = made.path.read_bytes()
    begin = (len(good) - 16 - made.layout.cell_count * CHUNK) // 2
    for _ in range(300):
        number = chance.randrange(made.layout.cell_count)
        place = begin + number * CHUNK + chance.randrange(CHUNK)
        flip(made.path, place, 1 << chance.randrange(8))
        found += check_parity(read_parity(made.path), SILENT) == (number,)
        made.path.write_bytes(good)
    print(f"{found} of 300 flipped bits found")
    assert found == 300


def test_a_parity_file_that_is_cut_off_lacks_the_chunks_behind_the_cut(tmp_path: Path) -> None:
    path, record = blob(tmp_path, 600 * CHUNK)
    made = make_parity(path, record, 10, tmp_path / "out", SILENT)
    begin = (made.layout.file_size - 16 - made.layout.cell_count * CHUNK) // 2
    with made.path.open("r+b") as file:
        file.truncate(begin + 20 * CHUNK + 1)
    cut = read_parity(made.path)
    assert cut.damaged_header
    assert check_parity(cut, SILENT) == tuple(range(20, made.layout.cell_count))


def test_progress_ends_where_it_said(tmp_path: Path) -> None:
    path, record = blob(tmp_path, 600 * CHUNK - 77)
    seen: dict[str, list[int]] = {}

    class Watch:
        @contextmanager
        def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
            amounts = seen[label] = [total or 0]

            class Counting:
                def advance(self, amount: int) -> None:
                    amounts.append(amount)

                def total(self, amount: int) -> None: ...

            yield Counting()

        def note(self, text: str) -> None: ...

    made = make_parity(path, record, 5, tmp_path / "out", Watch())
    check_parity(made, Watch())
    assert len(seen) == 2
    for total, *amounts in seen.values():
        assert sum(amounts) == total > 0
