"""SHA-256 of a file and of each of its chunks: proving once, checking in parallel.

The tree is flat: the SHA-256 of each 1 MiB chunk, and a root that is the SHA-256 of those digests
one after the other. One wrong byte is then found to within a chunk, and only that chunk need be
fetched again. hashlib lets other threads run while it hashes, so threads are enough.
"""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from freehold.names import Digest
from freehold.progress import Task

if TYPE_CHECKING:
    from concurrent.futures import Future

CHUNK = 1 << 20
"""Bytes a chunk: small enough that repairing one is cheap, 32 bytes of hash for each MiB."""
_BUFFERS = 4
"""Chunks being read, hashed or written at once: keeps two cores busy, and memory small."""
_WRITE = 1 << 18
"""Bytes written in one go: ext4 was seen to take ten times as long for 2 MiB at a time."""
_SPAN = 8
"""Chunks a worker checks in one go: long enough to read in a row, short enough to show progress."""


@dataclass(frozen=True)
class FileHash:
    """Everything one pass over a file gives. `chunks` is 32 bytes for each chunk."""

    digest: Digest
    size: int
    chunks: bytes
    root: Digest


def root_of(chunks: bytes) -> Digest:
    """The root over chunk hashes."""
    return Digest(hashlib.sha256(chunks).hexdigest())


def hash_stream(source: BinaryIO, task: Task, sink: BinaryIO | None = None) -> FileHash:
    """Hash all of `source`, whole and by chunks in one pass, copying it into `sink` if given.

    Both hashes of a block run at once in two threads while the next block is read, so that this
    takes about as long as one hash. `source` and `sink` are unbuffered binary files.
    """
    from concurrent.futures import ThreadPoolExecutor  # 13 ms that `freehold list` doesn't need

    whole, digests, size, turn = hashlib.sha256(), bytearray(), 0, 0
    buffers = [bytearray(CHUNK) for _ in range(_BUFFERS)]
    pending: list[list[Future[None]]] = [[] for _ in buffers]

    def add_chunk(chunk: memoryview) -> None:
        digests.extend(hashlib.sha256(chunk).digest())

    # One thread for each of the two hashes: the order of the blocks is the order of submission.
    with ThreadPoolExecutor(1) as wholes, ThreadPoolExecutor(1) as parts:
        while True:
            for future in pending[turn]:
                future.result()
            block = _fill(source, buffers[turn])
            if not block:
                break
            pending[turn] = [wholes.submit(whole.update, block), parts.submit(add_chunk, block)]
            if sink is not None:
                _write_all(sink, block)
            size += len(block)
            task.advance(len(block))
            turn = (turn + 1) % len(buffers)
    chunks = bytes(digests)
    return FileHash(Digest(whole.hexdigest()), size, chunks, root_of(chunks))


def hash_file(path: Path, task: Task) -> FileHash:
    """Hash the file at `path`, whole and by chunks. Raises OSError."""
    with path.open("rb", buffering=0) as source:
        return hash_stream(source, task)


def bad_chunks(path: Path, size: int, chunks: bytes, chunk_size: int, task: Task) -> list[int]:
    """Which chunks of the file don't hash to what they should, in order, over all cores.

    `size` is what the file should have, in bytes. A chunk that is cut short is bad, and so is one
    that the disk won't read. Raises OSError only when the file cannot be opened.
    """
    from concurrent.futures import ThreadPoolExecutor

    count = len(chunks) // 32
    stop = threading.Event()

    def check(first: int) -> list[int]:
        if stop.is_set():
            return []
        last = min(first + _SPAN, count)
        return list(_bad_in_span(path, range(first, last), size, chunks, chunk_size))

    bad: list[int] = []
    spans = range(0, count, _SPAN)
    with ThreadPoolExecutor(_cores()) as pool:
        try:
            for first, found in zip(spans, pool.map(check, spans), strict=True):
                bad.extend(found)
                end = min((first + _SPAN) * chunk_size, size)
                task.advance(end - first * chunk_size)
        finally:
            stop.set()  # Ctrl-C must not wait for the rest of the file
    return bad


def _bad_in_span(
    path: Path, span: range, size: int, chunks: bytes, chunk_size: int
) -> Iterator[int]:
    buffer = memoryview(bytearray(chunk_size))
    # Read, not mapped: a bad sector or a cut file is then an error here and not a dead process.
    with path.open("rb", buffering=0) as file:
        for index in span:
            want = min(chunk_size, size - index * chunk_size)
            try:
                file.seek(index * chunk_size)
                block = _fill(file, buffer[:want])
            except OSError:
                yield index  # the disk gave up on this chunk: that is the finding
                continue
            if hashlib.sha256(block).digest() != chunks[32 * index : 32 * index + 32]:
                yield index


def _fill(source: BinaryIO, buffer: bytearray | memoryview) -> memoryview:
    """Read until the buffer is full or the file ends: chunks must not depend on short reads."""
    view, have = memoryview(buffer), 0
    while have < len(view):
        # a raw file's readinto, which BinaryIO doesn't declare
        got = source.readinto(view[have:])  # type: ignore[attr-defined]
        if not got:
            break
        have += got
    return view[:have]


def _write_all(sink: BinaryIO, block: memoryview) -> None:
    done = 0
    while done < len(block):
        done += sink.write(block[done : done + _WRITE])


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1
