from __future__ import annotations

import hashlib
import random
import struct
from pathlib import Path

import pytest

from freehold.errors import FormatError, FreeholdError, IntegrityError, StorageError
from freehold.names import Digest
from freehold.progress import SILENT
from freehold.store.model import BlobRecord, FileState, HealthNote, now
from freehold.store.parity import make_parity
from freehold.store.parity_file import ParityFile, read_parity

CHUNK = 512
HEAD = struct.Struct("<8sHHIQII32s")


@pytest.fixture
def made(tmp_path: Path) -> ParityFile:
    data = random.Random(5).randbytes(40 * CHUNK - 3)
    path = tmp_path / "blob"
    path.write_bytes(data)
    parts = [data[begin : begin + CHUNK] for begin in range(0, len(data), CHUNK)]
    hashes = b"".join(hashlib.sha256(part).digest() for part in parts)
    whole = Digest(hashlib.sha256(data).hexdigest())
    note = HealthNote(FileState.OK, now())
    record = BlobRecord(whole, len(data), CHUNK, hashes, whole, now(), 0, 0, note)
    return make_parity(path, record, 10, tmp_path / "parity", SILENT)


def header_size(parity: ParityFile) -> int:
    return (parity.layout.file_size - 16 - parity.layout.cell_count * parity.layout.cell_size) // 2


def flipped(data: bytes, place: int, bit: int) -> bytes:
    return data[:place] + bytes([data[place] ^ (1 << bit)]) + data[place + 1 :]


def test_a_flipped_bit_anywhere_in_either_header_is_found_and_does_no_harm(
    made: ParityFile,
) -> None:
    good, size = made.path.read_bytes(), header_size(made)
    chance, found = random.Random(1), 0
    front, back = range(size), range(len(good) - 16 - size, len(good))
    places = [*front[:64], *chance.sample(front, 150), *back[-80:], *chance.sample(back, 150)]
    for place in places:
        made.path.write_bytes(flipped(good, place, chance.randrange(8)))
        read = read_parity(made.path)
        assert read.cells == made.cells
        assert (read.layout, read.chunks, read.digest) == (made.layout, made.chunks, made.digest)
        found += read.damaged_header
    print(f"{found} of {len(places)} damaged bytes of the headers found")
    assert found == len(places)


def test_with_both_headers_damaged_it_says_so(made: ParityFile) -> None:
    good, size = made.path.read_bytes(), header_size(made)
    made.path.write_bytes(flipped(flipped(good, size - 1, 0), len(good) - 17, 3))
    with pytest.raises(IntegrityError, match=r"Both headers of the parity file .* are damaged"):
        read_parity(made.path)


def test_cut_anywhere_it_is_read_or_refused(made: ParityFile) -> None:
    good, size = made.path.read_bytes(), header_size(made)
    read = refused = 0
    for length in [*range(0, size, 13), size - 1, *range(size, len(good), 97), len(good) - 1]:
        made.path.write_bytes(good[:length])
        if length >= size:
            assert read_parity(made.path).damaged_header
            read += 1
        else:
            with pytest.raises((FormatError, IntegrityError)):
                read_parity(made.path)
            refused += 1
    print(f"cut at {read + refused} places: {read} read, {refused} refused")


def test_the_front_cut_off_leaves_the_footer(made: ParityFile) -> None:
    made.path.write_bytes(made.path.read_bytes()[header_size(made) :])
    assert read_parity(made.path).chunks == made.chunks


@pytest.mark.parametrize("content", [b"", b"FHparity", b"GGUF" + bytes(4000), b"x" * 15])
def test_another_file_is_not_a_parity_file(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    with pytest.raises(FormatError, match="is not a parity file"):
        read_parity(path)


def test_a_later_version_is_named(made: ParityFile) -> None:
    data = bytearray(made.path.read_bytes())
    data[8] = 2
    made.path.write_bytes(data[: header_size(made)])
    with pytest.raises(FormatError, match="is of version 2; this Freehold reads 1"):
        read_parity(made.path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="Could not read the parity file"):
        read_parity(tmp_path / "gone")


def test_hostile_numbers_under_a_right_hash_are_refused_at_once(tmp_path: Path) -> None:
    """Anyone can make a header whose hash is right: its numbers are still not believed."""
    path = tmp_path / "hostile"
    fields = [("rows", 0), ("rows", 65535), ("stripes", 0), ("stripes", 2**32 - 1)]
    fields += [("size", 0), ("size", 2**64 - 1), ("chunk", 0), ("chunk", 1), ("cell", 2**32 - 1)]
    fields += [("cell", 0), ("cell", 3)]
    for name, value in fields:
        numbers = {"rows": 1, "stripes": 1, "size": 1000, "chunk": 1000, "cell": 1000, name: value}
        head = HEAD.pack(
            b"FHparity",
            1,
            numbers["rows"],
            numbers["stripes"],
            numbers["size"],
            numbers["chunk"],
            numbers["cell"],
            bytes(32),
        )
        block = head + bytes(64)
        block += hashlib.sha256(block).digest()
        path.write_bytes(block + bytes(1000) + block + struct.pack("<Q8s", len(block), b"FHparEND"))
        with pytest.raises(IntegrityError, match="Both headers"):
            read_parity(path)


def test_random_bytes_never_do_more_than_be_refused(made: ParityFile) -> None:
    good, chance, refused = made.path.read_bytes(), random.Random(9), 0
    for _ in range(300):
        data = bytearray(good)
        for _ in range(chance.randint(1, 30)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        cut = chance.choice([len(data), chance.randrange(len(data))])
        made.path.write_bytes(data[:cut])
        try:
            assert read_parity(made.path).chunks == made.chunks
        except FreeholdError:
            refused += 1
    print(f"{refused} of 300 mangled parity files refused, the rest read rightly")
