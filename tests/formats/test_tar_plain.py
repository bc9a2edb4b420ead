"""Plain tar: other readers agree with what is written; the hostile cases are with the bundles."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.errors import FormatError
from freehold.formats.tar_plain import (
    BLOCK,
    END,
    TarMember,
    member_header,
    padding,
    read_members,
    space_in_tar,
)


def archive(*members: tuple[str, bytes]) -> bytes:
    return (
        b"".join(
            member_header(name, len(data)) + data + bytes(padding(len(data)))
            for name, data in members
        )
        + END
    )


@given(st.lists(st.binary(max_size=2_000), max_size=5))
def test_what_is_written_is_read_by_us_and_by_python(contents: list[bytes]) -> None:
    members = [(f"blobs/{number}", data) for number, data in enumerate(contents)]
    written = archive(*members)
    assert len(written) == sum(space_in_tar(len(data)) for data in contents) + len(END)
    with tarfile.open(fileobj=io.BytesIO(written)) as tar:
        assert [(i.name, i.size, i.mtime, i.uid) for i in tar] == [
            (name, len(data), 0, 0) for name, data in members
        ]
    if not members:
        return
    found = read_members(io.BytesIO(written), "it")
    assert {name: written[m.offset : m.offset + m.size] for name, m in found.items()} == dict(
        members
    )


@pytest.mark.parametrize("size", [0, 1, 8**11 - 1, 8**11, 40_000_000_000, 1 << 50])
def test_sizes_beyond_eight_gigabytes(size: int) -> None:
    """70 billion parameters are 40 GB: more than the octal digits of a header can say."""
    header = member_header("weights", size)
    assert len(header) == BLOCK
    assert tarfile.TarInfo.frombuf(header, "utf-8", "strict").size == size


def test_a_member_of_nine_gigabytes(tmp_path: Path) -> None:
    size = 9 << 30
    with (tmp_path / "large.tar").open("wb") as file:
        file.write(member_header("weights", size))
        file.truncate(BLOCK + size)  # holes
        file.seek(BLOCK + size)
        file.write(member_header("after", 0) + END)
    with (tmp_path / "large.tar").open("rb", buffering=0) as file:
        assert read_members(file, "it") == {
            "weights": TarMember("weights", BLOCK, size),
            "after": TarMember("after", 2 * BLOCK + size, 0),
        }


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_archives_of_pythons_tarfile(form: int, tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "x.tar", "w", format=form) as tar:
        for name, mtime in (("./oci-layout", 1), ("blobs", 2), ("blobs/été", 1.5)):
            info = tarfile.TarInfo(name)
            info.mtime = mtime if form == tarfile.PAX_FORMAT else int(mtime)
            info.type = tarfile.DIRTYPE if name == "blobs" else tarfile.REGTYPE
            info.size = 0 if name == "blobs" else 3
            tar.addfile(info, io.BytesIO(b"abc"))
    with (tmp_path / "x.tar").open("rb") as file:
        found = read_members(file, "it")
        assert list(found) == ["oci-layout", "blobs/été"]
        file.seek(found["blobs/été"].offset)
        assert file.read(3) == b"abc"


def test_an_archive_that_is_cut_short_gives_what_is_whole() -> None:
    written = archive(("a", b"x" * 700), ("b", b"y" * 700))
    with pytest.raises(FormatError, match="cut short"):
        read_members(io.BytesIO(written[:2_000]), "it")
    assert list(read_members(io.BytesIO(written[:2_000]), "it", complete=False)) == ["a"]


@given(st.binary(max_size=3_000), st.integers(0, 2_500), st.binary(max_size=40))
def test_mutations_end_in_one_clear_error(tail: bytes, at: int, patch: bytes) -> None:
    data = bytearray(archive(("a", b"x" * 700), ("b", tail)))
    data[at : at + len(patch)] = patch
    found: dict[str, TarMember] = {}
    error: FormatError | None = None
    try:
        found = read_members(io.BytesIO(data), "it")
    except FormatError as raised:
        error = raised
    assert all(member.offset + member.size <= len(data) for member in found.values())
    assert error is None or (error.message.startswith("it ") and error.hint)
