from __future__ import annotations

import hashlib
import io
import random
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from freehold.progress import SilentProgress
from freehold.store.hashing import CHUNK, bad_chunks, hash_file, hash_stream, root_of

SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 7 * CHUNK, 7 * CHUNK + 12345]


def chunk_hashes(data: bytes) -> list[bytes]:
    return [
        hashlib.sha256(data[begin : begin + CHUNK]).digest() for begin in range(0, len(data), CHUNK)
    ]


@pytest.mark.parametrize("size", SIZES)
def test_one_pass_gives_the_whole_hash_and_the_hash_of_each_mebibyte(
    tmp_path: Path, size: int
) -> None:
    data = random.Random(size).randbytes(size)
    path = tmp_path / "file"
    path.write_bytes(data)
    with SilentProgress().task("") as task:
        proof = hash_file(path, task)
    assert proof.digest.hex == hashlib.sha256(data).hexdigest()
    assert proof.size == size
    assert proof.chunks == b"".join(chunk_hashes(data))
    assert proof.root.hex == hashlib.sha256(proof.chunks).hexdigest() == root_of(proof.chunks).hex


class Trickle(io.RawIOBase):
    """A raw file that gives and takes a few bytes at a time, as a raw file may."""

    def __init__(self, data: bytes, step: int) -> None:
        self._inside = io.BytesIO(data)
        self._step = step

    def readinto(self, buffer: bytearray) -> int:  # type: ignore[override]  # a test double
        return self._inside.readinto(memoryview(buffer)[: self._step])

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a test double
        return self._inside.write(bytes(data[: self._step]))

    def got(self) -> bytes:
        return self._inside.getvalue()


@given(step=st.integers(100_000, 3 * CHUNK), size=st.integers(0, 3 * CHUNK))
@settings(max_examples=15, deadline=None)
def test_short_reads_and_writes_change_nothing(step: int, size: int) -> None:
    data = random.Random(size).randbytes(size)
    source, sink = Trickle(data, step), Trickle(b"", step)
    with SilentProgress().task("") as task:
        proof = hash_stream(source, task, sink)  # type: ignore[arg-type]  # raw, not BinaryIO
    assert proof.chunks == b"".join(chunk_hashes(data))
    assert proof.digest.hex == hashlib.sha256(data).hexdigest()
    assert sink.got() == data


def check(path: Path, data: bytes) -> list[int]:
    with SilentProgress().task("") as task:
        return bad_chunks(path, len(data), b"".join(chunk_hashes(data)), CHUNK, task)


@pytest.mark.parametrize("size", SIZES)
def test_an_unchanged_file_has_no_bad_chunks(tmp_path: Path, size: int) -> None:
    data = random.Random(size).randbytes(size)
    path = tmp_path / "file"
    path.write_bytes(data)
    assert check(path, data) == []


def test_each_flipped_bit_is_found_in_its_chunk(
    tmp_path: Path, flip_bit: Callable[[Path, int], None]
) -> None:
    data = random.Random(1).randbytes(20 * CHUNK + 17)
    path = tmp_path / "file"
    path.write_bytes(data)
    for byte in (0, 3 * CHUNK - 1, 3 * CHUNK, len(data) - 1):
        flip_bit(path, byte * 8 + 3)
    assert check(path, data) == [0, 2, 3, 20]


def test_a_shortened_file_has_bad_chunks_from_the_cut_on(tmp_path: Path) -> None:
    data = random.Random(2).randbytes(5 * CHUNK)
    path = tmp_path / "file"
    path.write_bytes(data[: 3 * CHUNK + 1])
    assert check(path, data) == [3, 4]


def test_bytes_added_at_the_end_make_no_chunk_bad(tmp_path: Path) -> None:
    """The size says so; every byte that should be there is."""
    data = random.Random(3).randbytes(CHUNK + 5)
    path = tmp_path / "file"
    path.write_bytes(data + b"more")
    assert check(path, data) == []


def test_a_missing_file_is_an_error_not_a_bad_chunk(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        check(tmp_path / "nothing", b"x")
