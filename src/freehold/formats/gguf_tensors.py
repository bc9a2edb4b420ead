"""The tensor table of a GGUF header: what each tensor is, and that all of them fit the file.

Nothing here reads a tensor. Gaps between tensors and bytes after the last one are allowed; two
tensors on the same bytes are not.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from freehold.errors import FormatError
from freehold.formats.gguf_cursor import ENDS_EARLY, Cursor, quoted
from freehold.formats.gguf_types import BLOCK_TYPES, REMOVED_BLOCK_TYPES, BlockType

MAX_DIMENSIONS = 4
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class TensorInfo:
    """One tensor, as the header describes it."""

    name: str
    shape: tuple[int, ...]
    """Elements along each dimension in ggml's order: fastest-changing first (NumPy reversed)."""
    type: BlockType
    offset: int
    """Where its bytes start, counted from the start of the file."""
    size: int
    """Bytes."""

    @property
    def elements(self) -> int:
        """How many numbers it holds."""
        return math.prod(self.shape)


@dataclass(frozen=True)
class _Entry:
    name: str
    shape: tuple[int, ...]
    type: BlockType
    relative: int


def read_entries(cursor: Cursor, count: int) -> list[_Entry]:
    """Read `count` entries of the tensor table, checking each by itself."""
    entries: list[_Entry] = []
    seen: set[str] = set()
    for index in range(count):
        entry = _read_entry(cursor, f"the name of tensor {index:,}")
        if entry.name in seen:
            raise cursor.damaged(f"two tensors are called {quoted(entry.name)}")
        seen.add(entry.name)
        entries.append(entry)
    return entries


def place(
    cursor: Cursor, entries: list[_Entry], data_offset: int, alignment: int
) -> tuple[TensorInfo, ...]:
    """Say where each tensor lies, checking that all are aligned, apart, and inside the file."""
    tensors = tuple(_place_one(cursor, entry, data_offset, alignment) for entry in entries)
    previous: TensorInfo | None = None
    for tensor in sorted(tensors, key=lambda tensor: tensor.offset):
        if previous is not None and tensor.offset < previous.offset + previous.size:
            raise cursor.damaged(
                f"tensors {quoted(previous.name)} and {quoted(tensor.name)} overlap "
                f"at byte {tensor.offset:,}"
            )
        previous = tensor
    return tensors


def _read_entry(cursor: Cursor, what: str) -> _Entry:
    name = cursor.name(what)
    tensor = f"tensor {quoted(name)}"
    dimensions = cursor.number("I", f"the number of dimensions of {tensor}")
    if dimensions > MAX_DIMENSIONS:
        raise cursor.damaged(
            f"{tensor} has {dimensions:,} dimensions; {MAX_DIMENSIONS} is the most"
        )
    shape = tuple(cursor.number("Q", f"the shape of {tensor}") for _ in range(dimensions))
    if 0 in shape or math.prod(shape) > _LARGEST:
        raise cursor.damaged(f"{tensor} has the impossible shape {_shape_text(shape)}")
    block = _block_type(cursor, tensor)
    if block.elements > 1 and (not shape or shape[0] % block.elements):
        raise cursor.damaged(
            f"{tensor} has rows that are no multiple of {block.elements}, "
            f"as {block.name} wants: {_shape_text(shape)}"
        )
    relative = cursor.number("Q", f"the offset of {tensor}")
    if relative > _LARGEST:
        raise cursor.damaged(f"{tensor} has the impossible offset {relative:,}")
    return _Entry(name, shape, block, relative)


def _block_type(cursor: Cursor, tensor: str) -> BlockType:
    number = cursor.number("I", f"the type of {tensor}")
    block = BLOCK_TYPES.get(number)
    if block is None and number in REMOVED_BLOCK_TYPES:
        raise FormatError(
            f"{cursor.label} uses tensor type {number} ({tensor}), which llama.cpp dropped.",
            "Look for a newer file of the same model.",
        )
    if block is None:
        raise cursor.damaged(
            f"{tensor} is of an unknown type {number}",
            "It may be damaged (`freehold verify` tells), or newer than this version of Freehold.",
        )
    return block


def _place_one(cursor: Cursor, entry: _Entry, data_offset: int, alignment: int) -> TensorInfo:
    if entry.relative % alignment:
        raise cursor.damaged(
            f"tensor {quoted(entry.name)} starts at byte {entry.relative:,} of the data, "
            f"which is no multiple of the alignment, {alignment:,}"
        )
    offset = data_offset + entry.relative
    size = math.prod(entry.shape) // entry.type.elements * entry.type.bytes
    if offset + size > cursor.file_size:
        raise FormatError(
            f"{cursor.label} ends too early: tensor {quoted(entry.name)} would end at byte "
            f"{offset + size:,}, and the file has {cursor.file_size:,}.",
            ENDS_EARLY,
        )
    return TensorInfo(entry.name, entry.shape, entry.type, offset, size)


def _shape_text(shape: tuple[int, ...]) -> str:
    return " x ".join(f"{size:,}" for size in shape) or "of a single number"
