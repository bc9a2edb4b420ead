"""Where arriving bytes go: into the file, and with chunk hashes each chunk is proven on the way.

A sink is told where in the file each block belongs and keeps only what is wanted. It knows
nothing of requests.
"""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable, Sequence
from io import FileIO
from pathlib import Path
from typing import Protocol

from freehold.errors import NotEnoughSpace, StorageError
from freehold.transfer.ranges import CHUNK_SIZE, Range

Landed = Callable[[int, int], None]
"""Called with a range that is now in the file."""


_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


class Sink(Protocol):
    """What a transfer writes to."""

    def take(self, position: int, block: bytes) -> None:
        """Bytes of the file that begin at `position`. Calls must go upwards."""


class PlainSink:
    """Writes what is wanted as it arrives."""

    def __init__(self, file: TargetFile, wanted: Sequence[Range], landed: Landed) -> None:
        self._file, self._wanted, self._landed = file, list(wanted), landed

    def take(self, position: int, block: bytes) -> None:
        """Write the wanted part of the block."""
        end = position + len(block)
        for low, high in self._wanted:
            start, stop = max(low, position), min(high, end)
            if start < stop:
                whole = stop - start == len(block)
                part = block if whole else memoryview(block)[start - position : stop - position]
                self._file.write(start, part)
                self._landed(start, stop)


class ProvenSink:
    """Writes what is wanted as it arrives; a chunk counts once whole and with the right SHA-256.

    What was written of any other chunk is not told as landed, so it is asked for again. Nothing is
    copied on the way, and no write is large: 1 MiB in one go was seen to take ext4 much longer.
    `wanted` must begin and end on chunk borders, or at the end of the file.
    """

    def __init__(
        self,
        file: TargetFile,
        wanted: Sequence[Range],
        landed: Landed,
        hashes: Sequence[bytes],
        wrong: Callable[[int], None],
    ) -> None:
        self._file, self._wanted, self._landed = file, list(wanted), landed
        self._hashes, self._wrong = hashes, wrong
        self._chunk, self._have = hashlib.sha256(), 0

    def take(self, position: int, block: bytes) -> None:
        """Write and hash the wanted part of the block; prove the chunks that it completes."""
        view, end = memoryview(block), position + len(block)
        for low, high in self._wanted:
            start, stop = max(low, position), min(high, end)
            while start < stop:
                border = min((start // CHUNK_SIZE + 1) * CHUNK_SIZE, high)
                until = min(border, stop)
                part = view[start - position : until - position]
                self._file.write(start, part)
                self._chunk.update(part)
                self._have += len(part)
                if until == border:
                    self._prove(border)
                start = until

    def _prove(self, end: int) -> None:
        start = end - self._have
        index = start // CHUNK_SIZE
        digest = self._chunk.digest()
        self._chunk, self._have = hashlib.sha256(), 0
        if digest == self._hashes[index]:
            self._landed(start, end)
        else:
            self._wrong(index)


class TargetFile:
    """One open handle on the file being filled. Each thread has its own."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._position = 0
        try:
            self._file: FileIO = path.open("r+b", buffering=0)
        except OSError as error:
            raise storage_error(error, path) from error

    def __enter__(self) -> TargetFile:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    def write(self, position: int, data: bytes | memoryview) -> None:
        """Write all of `data` at `position`. Raises NotEnoughSpace or StorageError."""
        try:
            if position != self._position:
                self._file.seek(position)
            view = memoryview(data)
            while view:
                view = view[self._file.write(view) :]
        except OSError as error:
            raise storage_error(error, self._path) from error
        self._position = position + len(data)


def storage_error(error: OSError, path: Path) -> StorageError:
    """The house's error for what the disk refused."""
    if error.errno in _FULL:
        return NotEnoughSpace(
            f"The disk filled up while writing {path.name}.",
            "Make room, then run the same command again: it goes on where it stopped.",
        )
    return StorageError(f"{path} cannot be written: {error.strerror or error}.")


def create(path: Path, size: int) -> None:
    """A new file of that size, which takes no space until it is filled."""
    try:
        with path.open("wb") as file:
            file.truncate(size)
    except OSError as error:
        raise storage_error(error, path) from error


def resize(path: Path, size: int) -> None:
    """Make an existing file that large, keeping what is in it."""
    try:
        with path.open("r+b") as file:
            file.truncate(size)
    except OSError as error:
        raise storage_error(error, path) from error


def flush(path: Path) -> None:
    """Return once everything written to the file is on the disk."""
    try:
        with path.open("r+b") as file:
            os.fsync(file.fileno())
    except OSError as error:
        raise storage_error(error, path) from error
