"""Arrays stay bytes until asked, and then behave as any sequence does."""

from __future__ import annotations

import pickle
import struct

import pytest

from freehold.formats.gguf_array import GgufArray
from freehold.formats.gguf_types import ValueType


def strings(*values: bytes) -> GgufArray:
    data = b"".join(struct.pack("<Q", len(value)) + value for value in values)
    return GgufArray(ValueType.STRING, len(values), data)


def test_strings_by_index_slice_and_iteration() -> None:
    array = strings(b"a", b"", "ß🦊".encode(), b"last")
    assert len(array) == 4
    assert array.element_type is ValueType.STRING
    assert list(array) == ["a", "", "ß🦊", "last"]
    assert [array[index] for index in range(-4, 4)] == ["a", "", "ß🦊", "last"] * 2
    assert array[1:] == ["", "ß🦊", "last"]
    assert array[::-2] == ["last", ""]
    assert "last" in array
    assert array.index("last") == 3


def test_an_index_outside_is_an_index_error() -> None:
    array = strings(b"a")
    for index in (1, -2):
        with pytest.raises(IndexError):
            array[index]


@pytest.mark.parametrize("order", ["<", ">"])
def test_numbers_in_either_byte_order(order: str) -> None:
    array = GgufArray(ValueType.INT16, 3, struct.pack(order + "3h", -1, 0, 500), order)
    assert list(array) == [-1, 0, 500]
    assert array[2] == 500
    assert array[:2] == [-1, 0]
    assert [array[index] for index in (-3, -1)] == [-1, 500]
    for index in (3, -4):
        with pytest.raises(IndexError):
            array[index]


def test_flags() -> None:
    assert list(GgufArray(ValueType.BOOL, 2, b"\1\0")) == [True, False]


def test_bytes_that_are_no_text_are_shown_as_such_and_kept() -> None:
    array = strings(b"\xe2\x82", b"ok")
    assert array[0] == "\ufffd"
    assert list(array) == ["\ufffd", "ok"]
    assert array.raw(0) == b"\xe2\x82"
    assert array.raw(-1) == b"ok"


def test_repr_does_not_spill_the_contents() -> None:
    assert repr(strings(b"secret", b"x")) == "<GgufArray of 2 string>"


def test_equality_and_pickling() -> None:
    array = strings(b"a", b"b")
    assert array == strings(b"a", b"b")
    assert hash(array) == hash(strings(b"a", b"b"))
    assert array != strings(b"a", b"c")
    assert array != ["a", "b"]
    assert list(pickle.loads(pickle.dumps(array))) == ["a", "b"]
