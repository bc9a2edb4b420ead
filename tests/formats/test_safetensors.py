"""Safetensors headers: read as they are, and refused with one sentence where they lie."""

from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import Any

import pytest
from tests.studying import safetensors

from freehold.errors import FormatError, StorageError
from freehold.formats.safetensors import parse_safetensors, read_safetensors


def raw(header: Any, body: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + body


def one(**changed: Any) -> dict[str, Any]:
    return {"a": {"dtype": "F32", "shape": [2, 3], "data_offsets": [0, 24], **changed}}


def test_it_reads_what_is_there(tmp_path: Path) -> None:
    path = tmp_path / "model.safetensors"
    tensors = {
        "lm_head.weight": ("BF16", (4, 8), bytes(64)),
        "norm.weight": ("F32", (8,), bytes(32)),
    }
    path.write_bytes(safetensors(tensors, {"format": "pt"}))
    header = read_safetensors(path)
    assert header.metadata == {"format": "pt"}
    assert [(t.name, t.shape, t.dtype, t.size, t.elements) for t in header.tensors] == [
        ("lm_head.weight", (4, 8), "BF16", 64, 32),
        ("norm.weight", (8,), "F32", 32, 8),
    ]
    assert header.tensors[0].offset == header.data_offset
    assert header.file_size == path.stat().st_size


def test_packed_types_have_half_bytes() -> None:
    data = json.dumps(one(dtype="F4", shape=[6], data_offsets=[0, 3])).encode()
    assert parse_safetensors(data, 8 + len(data) + 3).tensors[0].elements == 6


CASES: dict[str, tuple[bytes, str]] = {
    "a header longer than the file": (raw(one(), length=10**9), "claims 1,000,000,000 bytes of"),
    "no header": (b"\0" * 8, "claims 0 bytes"),
    "next to nothing": (b"\7", "claims 7 bytes of its 1"),
    "no JSON": (raw(b"[1]      "), "does not begin with a brace"),
    "JSON that ends early": (raw(b'{"a": '), "not well-formed JSON"),
    "a key twice": (raw(b'{"a": 1, "a": 2}'), "a key comes twice"),
    "metadata that is no text": (raw({"__metadata__": {"a": 1}}), "not a table of texts"),
    "a tensor that is a number": (raw({"a": 7}), "'a' is not described by"),
    "a tensor with more": (raw(one(more=1), bytes(24)), "'a' is not described by"),
    "a type nobody knows": (raw(one(dtype="F7"), bytes(24)), "unknown type 'F7'"),
    "a shape below zero": (raw(one(shape=[-2, -3]), bytes(24)), "impossible shape"),
    "a shape of truth values": (raw(one(shape=[True, 6]), bytes(24)), "impossible shape"),
    "offsets that go back": (raw(one(data_offsets=[24, 0]), bytes(24)), "impossible offsets"),
    "a size of another shape": (raw(one(shape=[7]), bytes(24)), "24 bytes, which its shape"),
    "bytes after the end": (raw(one(), bytes(25)), "its tensors end at byte"),
    "fewer bytes than it says": (raw(one(), bytes(23)), "its tensors end at byte"),
    "a gap before the first": (raw(one(data_offsets=[8, 32]), bytes(32)), "leaves a gap before it"),
    "two on the same bytes": (
        raw({**one(), "b": {"dtype": "U8", "shape": [8], "data_offsets": [16, 24]}}, bytes(24)),
        "'b' overlaps the one before",
    ),
    "a name that drives the terminal": (
        raw({"\x1b[2J": {"dtype": "F7", "shape": [], "data_offsets": [0, 0]}}),
        r"tensor '\\x1b\[2J'",
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_a_file_that_lies_is_refused(name: str, tmp_path: Path) -> None:
    data, said = CASES[name]
    path = tmp_path / "liar.safetensors"
    path.write_bytes(data)
    with pytest.raises(FormatError, match=said) as caught:
        read_safetensors(path)
    assert "liar.safetensors" in caught.value.message
    assert caught.value.hint


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="cannot be read"):
        read_safetensors(tmp_path / "none.safetensors")
    with pytest.raises(StorageError, match="cannot be read"):
        read_safetensors("nul\0l.safetensors")
    with pytest.raises(FormatError, match="is not a file"):
        read_safetensors(tmp_path)
