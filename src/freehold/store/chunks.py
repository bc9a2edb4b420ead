"""One chunk of a blob at a time: read it, prove it, and name it to a person."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

from freehold.names import Digest

_SHOWN = 8
"""Runs of chunks named in a sentence; the rest are counted."""


class ChunkHashes(Protocol):
    """What is known of a blob's chunks: by its record, or by its parity file. Sizes in bytes."""

    @property
    def digest(self) -> Digest:
        """The SHA-256 of the whole."""

    @property
    def size(self) -> int:
        """Bytes of the whole."""

    @property
    def chunk_size(self) -> int:
        """Bytes of each chunk but the last, which may be shorter."""

    @property
    def chunks(self) -> bytes:
        """The SHA-256 of each chunk, 32 bytes each."""

    @property
    def chunk_count(self) -> int:
        """How many there are."""

    def chunk_hash(self, index: int) -> bytes:
        """The 32 bytes of the SHA-256 of chunk `index`, from zero."""

    def chunk_range(self, index: int) -> tuple[int, int]:
        """Where chunk `index` begins and ends, the end not included."""


def is_good_chunk(blob: ChunkHashes, index: int, data: bytes | memoryview) -> bool:
    """Whether these bytes are chunk `index` of the blob."""
    return hashlib.sha256(data).digest() == blob.chunk_hash(index)


def read_chunk(file: BinaryIO, blob: ChunkHashes, index: int) -> bytes | None:
    """Chunk `index` from `file`; None when it is not good, cut off, or the disk won't read it."""
    begin, end = blob.chunk_range(index)
    try:
        file.seek(begin)
        data = file.read(end - begin)
    except OSError:  # the disk gave up on this chunk: for the caller, a chunk that is not good
        return None
    return data if is_good_chunk(blob, index, data) else None


def name_chunks(indices: Iterable[int]) -> str:
    """Chunks in words: `chunk 3`, `chunks 3, 17 to 19`, the rest counted when there are many."""
    runs = list(_runs(sorted(indices)))
    shown = ", ".join(
        f"{first:,}" if first == last else f"{first:,} to {last:,}" for first, last in runs[:_SHOWN]
    )
    more = sum(last - first + 1 for first, last in runs[_SHOWN:])
    single = len(runs) == 1 and runs[0][0] == runs[0][1]
    return f"chunk{'' if single else 's'} {shown}" + (f" and {more:,} more" if more else "")


def _runs(indices: list[int]) -> Iterator[tuple[int, int]]:
    """The first and last of each run of neighbours."""
    begin = 0
    for end in range(1, len(indices) + 1):
        if end == len(indices) or indices[end] != indices[end - 1] + 1:
            yield indices[begin], indices[end - 1]
            begin = end
