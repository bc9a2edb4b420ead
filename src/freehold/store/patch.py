"""A whole new file from what is good of a damaged one and the chunks that it lacks.

The damaged file is never written to: it stays as it is until the new one is proven, and one rename
puts the new one in its place. The new file grows where the caller says, and what a killed process
left of it there is proven chunk by chunk and kept, so nothing is fetched twice.

It knows nothing of where chunks come from, and records nothing.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from freehold.errors import DamagedModel, HashMismatch
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.blobs import share_bytes
from freehold.store.chunks import ChunkHashes, is_good_chunk, name_chunks, read_chunk
from freehold.store.durable import storage_errors, sync_file, sync_folder
from freehold.store.hashing import hash_file
from freehold.store.space import held_bytes, require_space

_WRITE = 1 << 18
"""Bytes written in one go: some file systems take far longer for more."""

Chunks = Callable[[int], bytes | None] | Mapping[int, bytes]
"""Where chunks come from: asked for one by its number, it gives its bytes, or None."""


@dataclass(frozen=True)
class RebuildReport:
    """A blob that is whole again."""

    digest: Digest
    path: Path
    size: int
    kept: int
    """Chunks that were good in the damaged file."""
    resumed: int
    """Chunks that were found good in an unfinished new file."""
    replaced: tuple[int, ...]
    """Chunks that were given."""
    mtime_ns: int
    """Of the new file, for its record."""
    inode: int


class Rebuild:
    """A new file in the making. `begin` one; `put` what is `missing`; `finish`."""

    def __init__(self, blob: ChunkHashes, staged: Path, file: BinaryIO) -> None:
        self._blob = blob
        self._staged = staged
        self._file = file
        self._missing: set[int] = set()
        self._replaced: set[int] = set()
        self._kept = 0
        self._resumed = 0

    @property
    def missing(self) -> tuple[int, ...]:
        """The chunks still to be put, in order."""
        return tuple(sorted(self._missing))

    @classmethod
    @contextlib.contextmanager
    def begin(
        cls, damaged: Path | None, blob: ChunkHashes, staged: Path, progress: Progress
    ) -> Iterator[Rebuild]:
        """Take what is good of the unfinished file `staged` and of `damaged`, None if it is gone.

        Raises StorageError, and NotEnoughSpace before anything is written. What is in `staged`
        when the block ends, however it ends, serves the next attempt; one process at a time.
        """
        resumed = staged.exists()
        shared = not resumed and damaged is not None and _share_into(damaged, staged)
        if not shared:
            require_space(staged.parent, blob.size - held_bytes(staged))
        with contextlib.ExitStack() as stack:
            with storage_errors(f"rebuild {blob.digest.short}"):
                if resumed:  # it is read-only if it was about to be put in place
                    staged.chmod(0o644)
                staged.touch()
                # Unbuffered: a write that fails fails in `put`, and not once more on closing.
                file = stack.enter_context(staged.open("r+b", buffering=0))
                file.truncate(blob.size)
                old = stack.enter_context(damaged.open("rb")) if damaged else None
            self = cls(blob, staged, file)
            with progress.task(f"Rebuilding {blob.digest.short}", blob.size) as task:
                for index in range(blob.chunk_count):
                    if (resumed or shared) and self._has(index):
                        self._resumed += resumed
                        self._kept += shared
                    elif not self._copy(index, old):
                        self._missing.add(index)
                    begin, end = blob.chunk_range(index)
                    task.advance(end - begin)
            yield self

    def _has(self, index: int) -> bool:
        return read_chunk(self._file, self._blob, index) is not None

    def _copy(self, index: int, old: BinaryIO | None) -> bool:
        """Take chunk `index` from the old file, if it is good there."""
        data = read_chunk(old, self._blob, index) if old is not None else None
        if data is None:
            return False
        self._write(index, data)
        self._kept += 1
        return True

    def put(self, index: int, data: bytes) -> None:
        """Give a missing chunk. Raises HashMismatch, and writes nothing, if it is another."""
        if not is_good_chunk(self._blob, index, data):
            raise HashMismatch(
                f"What came as chunk {index:,} of {self._blob.digest.short} is something else.",
                "Try another source.",
            )
        self._write(index, data)
        self._missing.discard(index)
        self._replaced.add(index)

    def finish(self, target: Path, progress: Progress) -> RebuildReport:
        """Prove the new file, read again from the disk, and put it in place of `target`.

        Raises DamagedModel while chunks are missing, HashMismatch if the disk gives back something
        else than was written. `target` is as it was after any error.
        """
        blob = self._blob
        if self._missing:
            raise DamagedModel(
                f"{blob.digest.short} is not whole: {name_chunks(self._missing)} "
                f"of {blob.chunk_count:,} could be had nowhere.",
                "Try another source. What was found is kept for the next attempt.",
            )
        with storage_errors(f"put {blob.digest.short} in place"):
            self._file.close()  # Windows does not rename a file that is open
            sync_file(self._staged)
            with progress.task(f"Proving {blob.digest.short}", blob.size) as task:
                found = hash_file(self._staged, task)
            if (found.digest, found.size) != (blob.digest, blob.size):
                raise HashMismatch(
                    f"{self._staged} was written as {blob.digest.short} and reads back as "
                    f"{found.digest.short}: the old file was left in place.",
                    "Check the disk, then try again.",
                )
            with contextlib.suppress(OSError):  # some file systems know no modes
                self._staged.chmod(0o444)
            _replace(self._staged, target)
            sync_folder(target.parent)
            stat = target.stat()
        return RebuildReport(
            digest=blob.digest,
            path=target,
            size=blob.size,
            kept=self._kept,
            resumed=self._resumed,
            replaced=tuple(sorted(self._replaced)),
            mtime_ns=stat.st_mtime_ns,
            inode=stat.st_ino,
        )

    def _write(self, index: int, data: bytes) -> None:
        with storage_errors(f"rebuild {self._blob.digest.short}"):
            self._file.seek(self._blob.chunk_range(index)[0])
            left = memoryview(data)
            while left:
                left = left[self._file.write(left[:_WRITE]) :]


def rebuild(
    damaged: Path | None,
    blob: ChunkHashes,
    chunks: Chunks,
    target: Path,
    progress: Progress,
    *,
    staged: Path,
) -> RebuildReport:
    """Make `target` whole from what is good of `damaged` and the chunks that it lacks.

    `staged` is where the new file grows, on the disk of `target`: what a killed attempt left there
    is used. Asks `chunks` only for chunks found nowhere else, in order, and proves each.
    Raises DamagedModel naming every chunk that could not be had; `target` is then as it was.
    """
    ask = chunks if callable(chunks) else chunks.get
    wrong = []
    with Rebuild.begin(damaged, blob, staged, progress) as new:
        for index in new.missing:
            data = ask(index)
            if data is None:
                continue
            if is_good_chunk(blob, index, data):
                new.put(index, data)
            else:
                wrong.append(index)
        if wrong:
            progress.note(f"{name_chunks(wrong).capitalize()} came with wrong bytes: not used.")
        return new.finish(target, progress)


def _share_into(source: Path, target: Path) -> bool:
    """Make `target` a copy of `source` that takes no space, where the file system can do that."""
    with (
        storage_errors(f"copy {source}"),
        source.open("rb", buffering=0) as reading,
        target.open("wb", buffering=0) as writing,
    ):
        return share_bytes(reading, writing)


def _replace(source: Path, target: Path) -> None:
    if os.name == "nt" and target.exists():
        target.chmod(0o644)  # Windows does not replace a file that is read-only
    source.replace(target)
