"""Write a GGUF file, version 3, little-endian: metadata, a table of tensors, then their bytes.

Tensors are streamed: each is asked for its bytes when its turn comes, so a model larger than the
memory can be written. Everything is checked before the first byte goes out except what only the
bytes themselves can tell, their number. Making the file durable is the store's job.

What `read_header` reads can be written again with the same meaning: `entries_of` and `tensor_of`
turn a header's parts into what is written. Text in single entries that is not valid UTF-8 was read
with U+FFFD in its place and is written so; in arrays it keeps its bytes.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from freehold.errors import FormatError, StorageError
from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.gguf_array import GgufArray, Scalar
from freehold.formats.gguf_cursor import MAX_NAME, quoted
from freehold.formats.gguf_tensors import MAX_DIMENSIONS
from freehold.formats.gguf_types import BLOCK_TYPES, SCALAR_CODES, BlockType, ValueType

if TYPE_CHECKING:
    from freehold.formats.blocks.layout import Floats

DEFAULT_ALIGNMENT = 32
_PIECE = 1 << 20


@dataclass(frozen=True)
class ArrayOf:
    """An array to be written: a sequence of values of one type."""

    type: ValueType
    values: Sequence[Scalar | bytes]


@dataclass(frozen=True)
class Entry:
    """One piece of metadata. `general.alignment` is one as well, and is obeyed."""

    key: str
    type: ValueType
    value: Scalar | bytes | ArrayOf | GgufArray
    """Text may be given as bytes."""


@dataclass(frozen=True)
class NewTensor:
    """One tensor to be written, with a function that gives its bytes when called."""

    name: str
    shape: tuple[int, ...]
    """Elements along each dimension in ggml's order: fastest-changing first."""
    type: BlockType
    pieces: Callable[[], Iterable[bytes | bytearray | memoryview]]

    @property
    def size(self) -> int:
        """Bytes."""
        return math.prod(self.shape) // self.type.elements * self.type.bytes


def write_gguf(file: BinaryIO, entries: Sequence[Entry], tensors: Sequence[NewTensor]) -> int:
    """Write a whole file and return how many bytes it has.

    Raises FormatError when the parts would make no well-formed file.
    """
    alignment = _alignment(entries)
    head = b"".join((*_head(entries, tensors), *_table(tensors, alignment)))
    written = file.write(head) + _pad(file, len(head), alignment)
    for tensor in tensors:
        given = 0
        for piece in tensor.pieces():
            given += len(memoryview(piece).cast("B"))
            file.write(piece)
        if given != tensor.size:
            raise _wrong(f"tensor {quoted(tensor.name)} got {given:,} bytes, not {tensor.size:,}")
        written += given + _pad(file, given, alignment)
    return written


def size_of_gguf(entries: Sequence[Entry], tensors: Sequence[NewTensor]) -> int:
    """How many bytes `write_gguf` will write. Raises what it does of the parts."""
    alignment = _alignment(entries)
    head = sum(map(len, (*_head(entries, tensors), *_table(tensors, alignment))))
    return sum(size + -size % alignment for size in (head, *(each.size for each in tensors)))


def entries_of(header: GgufHeader) -> list[Entry]:
    """A header's metadata, to be written again."""
    types = header.value_types
    return [Entry(key, types[key], value) for key, value in header.metadata.items()]


def tensor_of(path: Path, tensor: TensorInfo) -> NewTensor:
    """A tensor of a little-endian file at `path`, to be written again with the bytes it has."""

    def pieces() -> Iterator[bytes]:
        left = tensor.size
        with path.open("rb") as file:
            file.seek(tensor.offset)
            while left:
                piece = file.read(min(_PIECE, left))
                if not piece:
                    raise StorageError(f"{path} became shorter while it was copied.")
                left -= len(piece)
                yield piece

    return NewTensor(tensor.name, tensor.shape, tensor.type, pieces)


def float32_tensor(name: str, numbers: Floats) -> NewTensor:
    """A tensor of numbers that are in memory, written as float32."""

    def pieces() -> Iterator[bytes]:
        yield numbers.astype("<f4").tobytes()

    return NewTensor(name, numbers.shape[::-1], BLOCK_TYPES[0], pieces)


def _wrong(what: str) -> FormatError:
    return FormatError(f"No well-formed GGUF file can be written: {what}.")


def _alignment(entries: Sequence[Entry]) -> int:
    for entry in entries:
        if entry.key != "general.alignment":
            continue
        value = entry.value
        if entry.type is not ValueType.UINT32 or not isinstance(value, int):
            raise _wrong("general.alignment is not of type uint32")
        if value <= 0 or value & (value - 1):
            raise _wrong(f"general.alignment is {value:,}, which is no power of two")
        return value
    return DEFAULT_ALIGNMENT


def _head(entries: Sequence[Entry], tensors: Sequence[NewTensor]) -> Iterator[bytes]:
    yield b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(entries))
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            raise _wrong(f"the metadata key {quoted(entry.key)} appears twice")
        seen.add(entry.key)
        yield _name(entry.key) + struct.pack("<I", entry.type)
        try:
            yield from _value(entry.type, entry.value)
        except (struct.error, TypeError, OverflowError, UnicodeEncodeError) as error:
            raise _wrong(
                f"the value of {quoted(entry.key)} is not of type {entry.type.name.lower()}"
            ) from error


def _table(tensors: Sequence[NewTensor], alignment: int) -> Iterator[bytes]:
    seen: set[str] = set()
    offset = 0
    for tensor in tensors:
        what = f"tensor {quoted(tensor.name)}"
        if tensor.name in seen:
            raise _wrong(f"two tensors are called {quoted(tensor.name)}")
        seen.add(tensor.name)
        shape = tensor.shape
        if not 0 < len(shape) <= MAX_DIMENSIONS or min(shape) < 1:
            raise _wrong(f"{what} has the impossible shape {shape}")
        if shape[0] % tensor.type.elements:
            raise _wrong(
                f"{what} has rows of {shape[0]:,}, no multiple of {tensor.type.elements}, "
                f"as {tensor.type.name} wants"
            )
        numbers = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        yield _name(tensor.name) + numbers + struct.pack("<IQ", tensor.type.id, offset)
        offset += tensor.size + -tensor.size % alignment


def _value(kind: ValueType, value: Scalar | bytes | ArrayOf | GgufArray) -> Iterator[bytes]:
    if kind is ValueType.ARRAY:
        yield from _array(value)
    elif kind is ValueType.STRING:
        yield _text(value)
    elif kind is ValueType.BOOL and not isinstance(value, bool):
        raise TypeError
    else:
        yield struct.pack("<" + SCALAR_CODES[kind], value)


def _array(value: Scalar | bytes | ArrayOf | GgufArray) -> Iterator[bytes]:
    if isinstance(value, GgufArray):
        yield struct.pack("<IQ", value.element_type, len(value))
        yield value.packed()
    elif isinstance(value, ArrayOf) and value.type is not ValueType.ARRAY:
        yield struct.pack("<IQ", value.type, len(value.values))
        for item in value.values:
            yield from _value(value.type, item)
    else:
        raise TypeError


def _text(value: Scalar | bytes | ArrayOf | GgufArray) -> bytes:
    if not isinstance(value, str | bytes):
        raise TypeError
    raw = value.encode() if isinstance(value, str) else value
    return struct.pack("<Q", len(raw)) + raw


def _name(name: str) -> bytes:
    raw = _text(name)
    if not 0 < len(raw) - 8 <= MAX_NAME:
        raise _wrong(f"the name {quoted(name)} is {len(raw) - 8:,} bytes long")
    return raw


def _pad(file: BinaryIO, size: int, alignment: int) -> int:
    return file.write(bytes(-size % alignment))
