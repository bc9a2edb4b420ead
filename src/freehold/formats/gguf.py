"""Read the header of a GGUF file, the format that llama.cpp runs, without loading a tensor.

A header is metadata (name, shape of the network, vocabulary, chat template) and a table of tensors.
Versions 2 and 3 are read, little-endian and big-endian. Nothing in the file is trusted: every
count, length and offset is checked, and whatever is wrong is one FormatError that names the file.

The file is mapped only while its header is read; what is returned owns its bytes, and survives
the file. What it does not know: whether the tensors' own bytes are right. Their hash says that.
"""

from __future__ import annotations

import mmap
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Literal

from freehold.errors import FormatError
from freehold.formats.gguf_array import GgufArray, Scalar
from freehold.formats.gguf_cursor import MAX_HEADER, Buffer, Cursor, HeaderIncomplete, quoted
from freehold.formats.gguf_magic import what_instead
from freehold.formats.gguf_tensors import TensorInfo, place, read_entries
from freehold.formats.gguf_types import BlockType, ValueType
from freehold.formats.opened import opened

__all__ = [
    "BlockType",
    "GgufArray",
    "GgufHeader",
    "HeaderIncomplete",
    "Scalar",
    "TensorInfo",
    "Value",
    "ValueType",
    "parse_header",
    "read_header",
]

Value = Scalar | GgufArray

MAX_ENTRIES = 65_536
MAX_TENSORS = 65_536
"""Of each. Models have a few thousand at most; this bounds the objects made for a hostile file."""

_SMALLEST_ENTRY = 8 + 1 + 4 + 1
_SMALLEST_TENSOR = 8 + 1 + 4 + 4 + 8
_DEFAULT_ALIGNMENT = 32


@dataclass(frozen=True)
class GgufHeader:
    """Everything a GGUF file says about itself."""

    label: str
    """The file's name, for messages."""
    version: int
    byte_order: Literal["little", "big"]
    alignment: int
    """Tensors start at multiples of this many bytes."""
    metadata: Mapping[str, Value]
    """In the file's order. Arrays are decoded when asked, not before."""
    value_types: Mapping[str, ValueType]
    """The type each metadata value has in the file: a faithful copy needs it."""
    tensors: tuple[TensorInfo, ...]
    """In the file's order."""
    data_offset: int
    """Where the tensors' bytes begin: the size of the header with its padding."""
    file_size: int

    @cached_property
    def by_name(self) -> Mapping[str, TensorInfo]:
        """The tensors by their names: no two have the same."""
        return MappingProxyType({tensor.name: tensor for tensor in self.tensors})


def read_header(path: str | os.PathLike[str]) -> GgufHeader:
    """Read the header of the file at `path`.

    Raises FormatError when it is not a well-formed GGUF, StorageError when it cannot be read.
    """
    path = Path(path)
    with _mapped(path) as (mapped, size):
        return parse_header(mapped, size, str(path))


@contextmanager
def _mapped(path: Path) -> Iterator[tuple[mmap.mmap, int]]:
    with opened(path) as (file, size):
        if size == 0:
            raise FormatError(f"{path} is empty.", "Fetch it again.")
        mapped = mmap.mmap(file.fileno(), min(size, MAX_HEADER), access=mmap.ACCESS_READ)
    with mapped:
        yield mapped, size


def parse_header(buffer: Buffer, file_size: int, label: str = "The file") -> GgufHeader:
    """Read a header from the first bytes of a file of `file_size` bytes.

    Raises HeaderIncomplete when the header goes on past the buffer but could still be right, and
    any other FormatError when no further byte can help.
    """
    cursor = Cursor(buffer, file_size, label)
    version = _read_version(cursor)
    tensor_count, entry_count = _read_counts(cursor)
    metadata, types = _read_metadata(cursor, entry_count)
    entries = read_entries(cursor, tensor_count)
    alignment = _alignment(cursor, metadata, types)
    data_offset = -(-cursor.position // alignment) * alignment
    return GgufHeader(
        label=label,
        version=version,
        byte_order="little" if cursor.order == "<" else "big",
        alignment=alignment,
        metadata=MappingProxyType(metadata),
        value_types=MappingProxyType(types),
        tensors=place(cursor, entries, data_offset, alignment),
        data_offset=data_offset,
        file_size=file_size,
    )


def _read_version(cursor: Cursor) -> int:
    head = bytes(cursor.buffer[: min(cursor.end, 64)])
    if not b"GGUF".startswith(head[:4]):
        what, hint = what_instead(head)
        raise FormatError(f"{cursor.label} is not a GGUF file: {what}.", hint)
    cursor.take(4, 'the word "GGUF"')
    raw = cursor.take(4, "the version")
    version = int.from_bytes(raw, "little")
    if version & 0xFFFF == 0 and version:  # a small number read from the wrong end
        cursor.order, version = ">", int.from_bytes(raw, "big")
    if version == 1:
        raise FormatError(
            f"{cursor.label} is GGUF version 1, of August 2023, which llama.cpp no longer reads.",
            "Look for a newer file of the same model.",
        )
    if version not in (2, 3):
        raise FormatError(
            f"{cursor.label} says it is GGUF version {version:,}; Freehold reads 2 and 3.",
            "It is damaged (`freehold verify` tells), or newer than this version of Freehold.",
        )
    return version


def _read_counts(cursor: Cursor) -> tuple[int, int]:
    tensors = cursor.number("Q", "the number of tensors")
    entries = cursor.number("Q", "the number of metadata entries")
    for count, most, smallest, kind in (
        (tensors, MAX_TENSORS, _SMALLEST_TENSOR, "tensors"),
        (entries, MAX_ENTRIES, _SMALLEST_ENTRY, "metadata entries"),
    ):
        if count > most:
            raise cursor.damaged(f"it claims {count:,} {kind}; Freehold reads {most:,} at most")
        if (needed := cursor.position + count * smallest) > cursor.file_size:
            raise cursor.short(needed, f"the table of its {count:,} {kind}")
    return tensors, entries


def _read_metadata(cursor: Cursor, count: int) -> tuple[dict[str, Value], dict[str, ValueType]]:
    metadata: dict[str, Value] = {}
    types: dict[str, ValueType] = {}
    for index in range(count):
        key = cursor.name(f"the key of metadata entry {index:,}")
        if key in metadata:
            raise cursor.damaged(f"the metadata key {quoted(key)} appears twice")
        what = f"the value of {quoted(key)}"
        types[key] = cursor.value_type(what)
        metadata[key] = cursor.value(types[key], what)
    return metadata, types


def _alignment(cursor: Cursor, metadata: dict[str, Value], types: dict[str, ValueType]) -> int:
    value = metadata.get("general.alignment", _DEFAULT_ALIGNMENT)
    kind = types.get("general.alignment", ValueType.UINT32)
    if kind is not ValueType.UINT32 or not isinstance(value, int):
        raise cursor.damaged(f"general.alignment is of type {kind.name.lower()}, not uint32")
    if value <= 0 or value & (value - 1):
        raise cursor.damaged(f"general.alignment is {value:,}, which is no power of two")
    return value
