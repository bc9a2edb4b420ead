from __future__ import annotations

import hashlib
import io

import pytest

from freehold.names import Digest
from freehold.store.chunks import is_good_chunk, name_chunks, read_chunk
from freehold.store.model import BlobRecord, FileState, HealthNote, now

DATA = bytes(range(256)) * 10


def record(size: int = 1000) -> BlobRecord:
    parts = [DATA[begin : begin + size] for begin in range(0, len(DATA), size)]
    hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
    whole = Digest(hashlib.sha256(DATA).hexdigest())
    note = HealthNote(FileState.OK, now())
    return BlobRecord(whole, len(DATA), size, hashes, whole, now(), 0, 0, note)


def test_a_good_chunk_is_read_the_short_last_one_too() -> None:
    blob = record()
    assert read_chunk(io.BytesIO(DATA), blob, 1) == DATA[1000:2000]
    assert read_chunk(io.BytesIO(DATA), blob, 2) == DATA[2000:]
    assert is_good_chunk(blob, 0, memoryview(DATA)[:1000])


def test_one_flipped_bit_makes_a_chunk_no_chunk() -> None:
    flipped = bytearray(DATA)
    flipped[1500] ^= 0x10
    file = io.BytesIO(flipped)
    assert [read_chunk(file, record(), index) is not None for index in range(3)] == [
        True,
        False,
        True,
    ]


def test_a_file_that_is_cut_off_has_the_chunks_before_the_cut() -> None:
    file = io.BytesIO(DATA[:2001])
    assert read_chunk(file, record(), 1) is not None
    assert read_chunk(file, record(), 2) is None


def test_a_disk_that_refuses_to_read_gives_no_chunk() -> None:
    class BadSector(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    assert read_chunk(BadSector(DATA), record(), 0) is None


@pytest.mark.parametrize(
    ("indices", "words"),
    [
        ([3], "chunk 3"),
        ([4, 3], "chunks 3 to 4"),
        ([3, 17, 18, 19, 12345], "chunks 3, 17 to 19, 12,345"),
        (list(range(0, 40, 2)), "chunks 0, 2, 4, 6, 8, 10, 12, 14 and 12 more"),
    ],
)
def test_chunks_are_named_in_runs(indices: list[int], words: str) -> None:
    assert name_chunks(indices) == words
