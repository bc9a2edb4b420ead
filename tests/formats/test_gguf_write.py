"""Writing GGUF files: what was read comes out the same, and nonsense is refused."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from freehold.errors import FormatError
from freehold.formats.gguf import parse_header, read_header
from freehold.formats.gguf_types import BLOCK_TYPES, BlockType, ValueType
from freehold.formats.gguf_write import (
    ArrayOf,
    Entry,
    NewTensor,
    entries_of,
    tensor_of,
    write_gguf,
)

F32, F16, Q8_0 = BLOCK_TYPES[0], BLOCK_TYPES[1], BLOCK_TYPES[8]
NAME = Entry("general.name", ValueType.STRING, "Tiny")


def tensor(
    name: str = "a", shape: tuple[int, ...] = (2,), kind: BlockType = F32, size: int = 8
) -> NewTensor:
    return NewTensor(name, shape, kind, lambda: (bytes(size),))


def copy(path: Path, to: Path) -> None:
    header = read_header(path)
    tensors = [tensor_of(path, tensor) for tensor in header.tensors]
    with to.open("wb") as file:
        assert write_gguf(file, entries_of(header), tensors) == file.tell()


def test_a_copy_has_the_same_bytes(small: bytes, tmp_path: Path) -> None:
    (tmp_path / "small.gguf").write_bytes(small)
    copy(tmp_path / "small.gguf", tmp_path / "copy.gguf")
    written = (tmp_path / "copy.gguf").read_bytes()
    header = parse_header(written, len(written))
    assert written[: header.data_offset] == small[: header.data_offset]
    for tensor in header.tensors:  # `small` has other bytes than zeros between them
        place = slice(tensor.offset, tensor.offset + tensor.size)
        assert written[place] == small[place]
    assert len(written) % 64 == 0  # the last tensor is padded too


def test_a_copy_of_a_real_model_has_the_same_bytes(smollm2: Path, tmp_path: Path) -> None:
    copy(smollm2, tmp_path / "copy.gguf")
    assert (tmp_path / "copy.gguf").read_bytes() == smollm2.read_bytes()


def test_metadata_of_a_big_endian_file_is_written_little_endian(
    build: Callable[..., bytes],
) -> None:
    entries = [
        ("general.name", ValueType.STRING, "Tiny"),
        ("words", ValueType.ARRAY, (ValueType.STRING, ["one", "", "thrée"])),
        ("numbers", ValueType.ARRAY, (ValueType.INT32, [1, -2, 3])),
        ("flags", ValueType.ARRAY, (ValueType.BOOL, [True, False])),
    ]
    big = build(entries, order=">")
    out = io.BytesIO()
    write_gguf(out, entries_of(parse_header(big, len(big))), [])
    assert out.getvalue() == build(entries)


def test_the_reference_reader_reads_it(tmp_path: Path) -> None:
    gguf: Any = pytest.importorskip("gguf")
    path = tmp_path / "new.gguf"
    words = ArrayOf(ValueType.STRING, ["plain", b"\xff raw"])
    with path.open("wb") as file:
        write_gguf(
            file,
            [
                NAME,
                Entry("general.alignment", ValueType.UINT32, 128),
                Entry("words", ValueType.ARRAY, words),
            ],
            [
                NewTensor("a", (2, 1), F32, lambda: (b"\0\0\x80?", b"\0\0\0@")),
                NewTensor("b", (32,), Q8_0, lambda: (bytes(34),)),
            ],
        )
    reader = gguf.GGUFReader(path)
    assert reader.fields["general.name"].contents() == "Tiny"
    assert bytes(reader.fields["words"].parts[reader.fields["words"].data[1]]) == b"\xff raw"
    first, second = reader.tensors
    assert first.data.tolist() == [[1.0, 2.0]]
    assert second.data_offset % 128 == 0


@pytest.mark.parametrize(
    ("entries", "tensors", "words"),
    [
        ([NAME, NAME], [], "appears twice"),
        ([Entry("x", ValueType.UINT8, 256)], [], "not of type uint8"),
        ([Entry("x", ValueType.UINT8, "1")], [], "not of type uint8"),
        ([Entry("x", ValueType.BOOL, 1)], [], "not of type bool"),
        ([Entry("x", ValueType.STRING, 1)], [], "not of type string"),
        ([Entry("x", ValueType.ARRAY, 1)], [], "not of type array"),
        ([Entry("x", ValueType.ARRAY, ArrayOf(ValueType.ARRAY, []))], [], "not of type array"),
        ([Entry("", ValueType.UINT8, 1)], [], "0 bytes long"),
        ([Entry("general.alignment", ValueType.UINT32, 48)], [], "no power of two"),
        ([Entry("general.alignment", ValueType.UINT64, 64)], [], "not of type uint32"),
        ([], [tensor(), tensor()], "two tensors"),
        ([], [tensor(shape=())], "impossible shape"),
        ([], [tensor(shape=(2, 0))], "impossible shape"),
        ([], [tensor(shape=(33,), kind=Q8_0)], "no multiple of 32"),
        ([], [tensor(size=7)], "got 7 bytes, not 8"),
    ],
)
def test_nonsense_is_refused(entries: list[Entry], tensors: list[NewTensor], words: str) -> None:
    with pytest.raises(FormatError, match=words):
        write_gguf(io.BytesIO(), entries, tensors)
