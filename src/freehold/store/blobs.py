"""The folder of blobs: bytes named by their SHA-256, read-only, put in place by one rename.

It moves and deletes files. What they are is for the records to say.
"""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import BinaryIO

from freehold.names import Digest
from freehold.progress import Task
from freehold.store.durable import delete, storage_errors, sync_file, sync_folder
from freehold.store.hashing import FileHash, hash_file, hash_stream
from freehold.store.layout import Layout

_FICLONE = 0x40049409
"""Linux's ioctl that makes a file share another's bytes until either changes (linux/fs.h)."""


class BlobFolder:
    """Where the bytes are."""

    def __init__(
        self, layout: Layout, reference: Callable[[Digest], Path | None] = lambda digest: None
    ) -> None:
        """`reference` says where bytes are that another program keeps; None where none does."""
        self._layout = layout
        self._reference = reference

    def path(self, digest: Digest) -> Path:
        """Where the bytes of `digest` are, or would be: here, or in another program's folder."""
        own = self._layout.blob(digest)
        try:
            is_here = own.exists()
        except OSError:  # whoever opens it will be told why not
            is_here = True
        return own if is_here else self._reference(digest) or own

    def stat(self, digest: Digest) -> os.stat_result | None:
        """The blob's file as it is; None when it is not there. Raises StorageError."""
        with storage_errors(f"look at the blob {digest.short}"):
            try:
                return self.path(digest).stat()
            except (FileNotFoundError, NotADirectoryError):
                return None

    def place(self, source: Path, digest: Digest) -> os.stat_result:
        """Move a proven file into place: synced, read-only, renamed, the folder synced."""
        target = self._layout.blob(digest)  # never where another program keeps its file
        with storage_errors(f"own {source.name} as {digest.short}"):
            target.parent.mkdir(parents=True, exist_ok=True)
            sync_file(source)
            with contextlib.suppress(OSError):  # some file systems know no modes
                source.chmod(0o444)
            source.replace(target)
            sync_folder(target.parent)
            sync_folder(self._layout.blobs)
            return target.stat()

    def remove(self, digest: Digest) -> int:
        """Delete our file of the bytes; how much space that freed. Zero when it was not there.

        Another program's file is never touched: of a hard link only our name goes.
        """
        path = self._layout.blob(digest)
        with storage_errors(f"delete the blob {digest.short}"):
            stat = path.stat() if path.exists() else None
            delete(path)
            with contextlib.suppress(OSError):  # the folder holds other blobs, or is gone
                path.parent.rmdir()
        return stat.st_size if stat and stat.st_nlink == 1 else 0

    def walk(self) -> Iterator[tuple[Path, int]]:
        """Every file here with its size, whatever its name."""
        with storage_errors("list the blobs"):
            for path in sorted(self._layout.blobs.glob("*/*")):
                with contextlib.suppress(FileNotFoundError):  # removed by another just now
                    yield path, path.stat().st_size


def copy_and_hash(source: Path, target: Path, task: Task) -> FileHash:
    """Copy a file and hash what was copied, in one pass. Shares the bytes where the disk can."""
    with source.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        if not share_bytes(reading, writing):
            return hash_stream(reading, task, writing)
    return hash_file(target, task)


def share_bytes(source: BinaryIO, target: BinaryIO) -> bool:
    """Make `target` a copy of `source` that takes no space. Whether the file system can do it."""
    if sys.platform != "linux":
        return False
    import fcntl

    try:
        fcntl.ioctl(target.fileno(), _FICLONE, source.fileno())
    except OSError:  # not this file system, or two of them: an ordinary copy does it
        return False
    return True
