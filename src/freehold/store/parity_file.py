"""The parity file: what it protects, how its chunks are laid out, and their hashes.

    header  what is protected, the layout, a hash of every chunk of it and of every parity chunk,
            and last the SHA-256 of the header itself
    chunks  the parity chunks, one after the other
    footer  the header again, its length and a mark: one damaged header is no loss

All numbers are little-endian. Chunk i of the blob belongs to stripe i mod S, S the number of
stripes, and parity chunk c to stripe c mod S: neighbours lie in different stripes, so that one
burst of damage takes a little from each and not everything from one.

It reads and writes headers; what the parity chunks hold is for `parity` to say.
"""

from __future__ import annotations

import hashlib
import os
import struct
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import BinaryIO

from freehold.errors import FormatError, IntegrityError
from freehold.names import Digest
from freehold.store.durable import storage_errors
from freehold.store.erasure import LIMIT

VERSION = 1
_MAGIC = b"FHparity"
_END = b"FHparEND"
_HEAD = struct.Struct("<8sHHIQII32s")
_TAIL = struct.Struct("<Q8s")
_HASH = 32
_HINT = "Make it again from the good file (freehold protect)."


@dataclass(frozen=True)
class StripeLayout:
    """How the chunks of a blob are shared out over codes. Counts, and sizes in bytes."""

    size: int
    chunk_size: int
    cell_size: int
    """What a chunk is padded to with zeros before it is summed: a multiple of 8."""
    stripes: int
    rows: int
    """Parity chunks of each stripe: as many bad chunks of it can be restored."""

    @property
    def chunk_count(self) -> int:
        """Chunks of the blob."""
        return -(-self.size // self.chunk_size)

    @property
    def cell_count(self) -> int:
        """Parity chunks in the file."""
        return self.stripes * self.rows

    @property
    def stripe_size(self) -> int:
        """Chunks of the blob in the largest stripe."""
        return -(-self.chunk_count // self.stripes)

    def members(self, stripe: int) -> range:
        """The chunks of the blob that belong to a stripe."""
        return range(stripe, self.chunk_count, self.stripes)

    @property
    def file_size(self) -> int:
        """Bytes of the whole parity file."""
        return 2 * _block_size(self) + self.cell_count * self.cell_size + _TAIL.size

    def cell_number(self, stripe: int, row: int) -> int:
        """Which parity chunk of the file holds sum `row` of a stripe."""
        return row * self.stripes + stripe


@dataclass(frozen=True)
class ParityFile:
    """A parity file whose header is proven. Its chunks are proven when they are read."""

    path: Path
    digest: Digest
    """The SHA-256 of the blob that it protects."""
    layout: StripeLayout
    chunks: bytes = field(repr=False)
    """The SHA-256 of each chunk of the blob, 32 bytes each."""
    cells: bytes = field(repr=False)
    """The SHA-256 of each parity chunk, 32 bytes each."""
    damaged_header: bool = False
    """Whether one of the two copies of the header is damaged or cut off."""

    @property
    def size(self) -> int:
        """Bytes of the blob."""
        return self.layout.size

    @property
    def chunk_size(self) -> int:
        """Bytes of each chunk of the blob but the last, which may be shorter."""
        return self.layout.chunk_size

    @property
    def chunk_count(self) -> int:
        """Chunks of the blob."""
        return self.layout.chunk_count

    def chunk_hash(self, index: int) -> bytes:
        """The 32 bytes of the SHA-256 of chunk `index` of the blob, from zero."""
        return self.chunks[_HASH * index : _HASH * (index + 1)]

    def chunk_range(self, index: int) -> tuple[int, int]:
        """Where chunk `index` of the blob begins and ends, in bytes, the end not included."""
        begin = index * self.chunk_size
        return begin, min(begin + self.chunk_size, self.size)

    def read_cell(self, file: BinaryIO, number: int) -> bytes | None:
        """Parity chunk `number`; None when it is damaged, cut off, or the disk won't read it."""
        try:
            file.seek(_block_size(self.layout) + number * self.layout.cell_size)
            cell = file.read(self.layout.cell_size)
        except OSError:  # the disk gave up on this chunk: for the caller, one bad chunk more
            return None
        good = self.cells[_HASH * number : _HASH * (number + 1)]
        return cell if hashlib.sha256(cell).digest() == good else None


def write_cell(file: BinaryIO, layout: StripeLayout, number: int, cell: bytes) -> bytes:
    """Put parity chunk `number` where it belongs in an unfinished file; its SHA-256, 32 bytes."""
    file.seek(_block_size(layout) + number * layout.cell_size)
    file.write(cell)
    return hashlib.sha256(cell).digest()


def write_headers(file: BinaryIO, parity: ParityFile) -> None:
    """Finish a parity file whose chunks are written."""
    block = _block(parity)
    file.seek(len(block) + parity.layout.cell_count * parity.layout.cell_size)
    file.write(block + _TAIL.pack(len(block), _END))
    file.seek(0)
    file.write(block)


def read_parity(path: Path) -> ParityFile:
    """Read and prove the header of a parity file, from whichever of its two copies is good.

    Raises FormatError for a file that isn't one, IntegrityError when both copies are damaged.
    """
    with storage_errors(f"read the parity file {path}"), path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        first = _read_block(file, path, 0, length)
        footer = _read_footer(file, path, length)
        file.seek(0)
        start = file.read(_HEAD.size)
    marked = start.startswith(_MAGIC) and len(start) == _HEAD.size
    version = _HEAD.unpack(start)[1] if marked else None
    if first and footer == first:
        return first
    if found := first or footer:
        return replace(found, damaged_header=True)
    if not marked:
        raise FormatError(f"{path} is not a parity file of Freehold's.", _HINT)
    if version != VERSION:
        raise FormatError(
            f"The parity file {path} is of version {version}; this Freehold reads {VERSION}.",
            "Update Freehold, or make the parity file again.",
        )
    raise IntegrityError(f"Both headers of the parity file {path} are damaged.", _HINT)


def _read_footer(file: BinaryIO, path: Path, length: int) -> ParityFile | None:
    if length < _TAIL.size:
        return None
    file.seek(length - _TAIL.size)
    size, mark = _TAIL.unpack(file.read(_TAIL.size))
    begin = length - _TAIL.size - size
    return _read_block(file, path, begin, length) if mark == _END and begin >= 0 else None


def _read_block(file: BinaryIO, path: Path, begin: int, length: int) -> ParityFile | None:
    """The header at `begin`; None unless it is whole and its hash is right."""
    file.seek(begin)
    head = file.read(_HEAD.size)
    if len(head) < _HEAD.size:
        return None
    magic, version, rows, stripes, size, chunk_size, cell_size, digest = _HEAD.unpack(head)
    layout = StripeLayout(size, chunk_size, cell_size, stripes, rows)
    if (magic, version) != (_MAGIC, VERSION) or not _sound(layout):
        return None
    if begin + _block_size(layout) > length:
        return None  # cut off, or a length that is itself damaged
    rest = file.read(_block_size(layout) - _HEAD.size)
    body, proof = rest[:-_HASH], rest[-_HASH:]
    if hashlib.sha256(head + body).digest() != proof:
        return None
    cut = _HASH * layout.chunk_count
    return ParityFile(path, Digest(digest.hex()), layout, body[:cut], body[cut:])


def _sound(layout: StripeLayout) -> bool:
    """Whether the numbers make sense together, so that nothing absurd is read or summed."""
    if not (layout.size and layout.chunk_size and layout.rows):
        return False
    if not 0 < layout.stripes <= layout.chunk_count:
        return False
    padded = -(-min(layout.chunk_size, layout.size) // 8) * 8
    return layout.cell_size == padded and layout.stripe_size + layout.rows <= LIMIT


def _block_size(layout: StripeLayout) -> int:
    return _HEAD.size + _HASH * (layout.chunk_count + layout.cell_count + 1)


def _block(parity: ParityFile) -> bytes:
    plan = parity.layout
    head = _HEAD.pack(
        _MAGIC,
        VERSION,
        plan.rows,
        plan.stripes,
        plan.size,
        plan.chunk_size,
        plan.cell_size,
        bytes.fromhex(parity.digest.hex),
    )
    block = head + parity.chunks + parity.cells
    return block + hashlib.sha256(block).digest()
