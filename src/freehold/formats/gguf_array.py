"""One array of a GGUF header, kept as the file's bytes and decoded only when asked.

A vocabulary of 262,144 strings costs its bytes, not 262,144 Python objects. Bytes that are not
valid UTF-8 (some vocabularies hold pieces of characters) are shown as U+FFFD; `raw` has them
exactly.
"""

from __future__ import annotations

import struct
from array import array
from collections.abc import Iterator, Sequence
from typing import overload

from freehold.formats.gguf_types import SCALAR_CODES, ValueType

Scalar = str | int | float | bool

_LENGTH = 8  # bytes of the length before each string


class GgufArray(Sequence[Scalar]):
    """A read-only sequence over an array's bytes, checked by the reader before it comes here."""

    def __init__(self, element_type: ValueType, length: int, data: bytes, order: str = "<") -> None:
        self._element_type = element_type
        self._length = length
        self._data = data
        self._order = order
        self._starts: array[int] | None = None

    @property
    def element_type(self) -> ValueType:
        """The type of every element. Nothing is decoded to know it."""
        return self._element_type

    def __len__(self) -> int:
        return self._length

    def __repr__(self) -> str:
        return f"<GgufArray of {self._length:,} {self._element_type.name.lower()}>"

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, GgufArray):
            return NotImplemented
        mine = (self._element_type, self._length, self._order, self._data)
        return mine == (other._element_type, other._length, other._order, other._data)

    def __hash__(self) -> int:
        return hash((self._element_type, self._length, self._data))

    def raw(self, index: int) -> bytes:
        """The bytes of one element, exactly as they are in the file."""
        index = range(self._length)[index]  # negative indexes, and IndexError outside
        if self._element_type is ValueType.STRING:
            start = self._string_starts()[index]
            return self._data[start : start + self._string_length(start - _LENGTH)]
        size = struct.calcsize(SCALAR_CODES[self._element_type])
        return self._data[index * size : (index + 1) * size]

    def packed(self) -> bytes:
        """All elements as a little-endian file has them."""
        if self._order == "<":
            return self._data
        if self._element_type is ValueType.STRING:
            texts = (self.raw(index) for index in range(self._length))
            return b"".join(struct.pack("<Q", len(text)) + text for text in texts)
        code = SCALAR_CODES[self._element_type]
        numbers = struct.unpack(f"{self._order}{self._length}{code}", self._data)
        return struct.pack(f"<{self._length}{code}", *numbers)

    @overload
    def __getitem__(self, index: int) -> Scalar: ...
    @overload
    def __getitem__(self, index: slice) -> list[Scalar]: ...
    def __getitem__(self, index: int | slice) -> Scalar | list[Scalar]:
        if isinstance(index, slice):
            return [self[position] for position in range(*index.indices(self._length))]
        return self._decode(self.raw(index))

    def __iter__(self) -> Iterator[Scalar]:
        if self._element_type is not ValueType.STRING:
            code = self._order + SCALAR_CODES[self._element_type]
            for (value,) in struct.iter_unpack(code, self._data):
                yield value
            return
        start = _LENGTH
        for _ in range(self._length):
            end = start + self._string_length(start - _LENGTH)
            yield self._data[start:end].decode("utf-8", "replace")
            start = end + _LENGTH

    def _decode(self, raw: bytes) -> Scalar:
        if self._element_type is ValueType.STRING:
            return raw.decode("utf-8", "replace")
        value: Scalar = struct.unpack(self._order + SCALAR_CODES[self._element_type], raw)[0]
        return value

    def _string_length(self, position: int) -> int:
        length: int = struct.unpack_from(self._order + "Q", self._data, position)[0]
        return length

    def _string_starts(self) -> array[int]:
        # Built on the first access by index; 8 bytes a string.
        if self._starts is None:
            starts, start = array("Q"), _LENGTH
            for _ in range(self._length):
                starts.append(start)
                start += self._string_length(start - _LENGTH) + _LENGTH
            self._starts = starts
        return self._starts
