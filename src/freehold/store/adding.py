"""Owning a file: prove it, put it in place, record it, and hold it until a model has it.

The order is: hash, sync, rename into the blobs, sync the folder, record, ledger. Killed anywhere,
it leaves a staged file, or a blob without a record, or a record without a row, and the next run
goes on from there.
"""

from __future__ import annotations

import os
from pathlib import Path

from freehold.errors import HashMismatch, StorageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.blobs import BlobFolder, copy_and_hash
from freehold.store.catalogue import Catalogue
from freehold.store.durable import delete, storage_errors
from freehold.store.hashing import CHUNK, FileHash, hash_file
from freehold.store.layout import Layout
from freehold.store.locks import Holds, StoreLock
from freehold.store.model import BlobRecord, FileState, HealthNote, Link, now
from freehold.store.space import require_space
from freehold.store.staging import staging


class Adder:
    """Makes files owned."""

    def __init__(
        self, layout: Layout, lock: StoreLock, catalogue: Catalogue, blobs: BlobFolder, holds: Holds
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._catalogue = catalogue
        self._blobs = blobs
        self._holds = holds

    def add(
        self, path: Path, expected: Digest | None, progress: Progress, *, move: bool
    ) -> BlobRecord:
        """Prove the file and own it. See `Store.add_file`."""
        with storage_errors(f"read {path}"):
            size = path.stat().st_size
            if not path.is_file():
                raise StorageError(f"{path} is not a file.", "Name one file.")
        if move and not path.is_symlink() and self._is_on_our_disk(path):
            proof = self._prove(path, expected, size, progress)
            return self._own(path, proof)
        require_space(self._layout.home, size)
        key = f"copy of {path.absolute()}"
        with staging(self._layout, self._lock, key, progress, wait=True) as work:
            copy = work.path("copy")
            try:
                with storage_errors(f"copy {path}"), progress.task(path.name, size) as task:
                    proof = copy_and_hash(path, copy, task)
                compare(path, proof, expected)
                record = self._own(copy, proof)
            finally:
                work.discard()  # half a copy is worth nothing: making it again is as quick
        if move and not path.is_symlink():
            with storage_errors(f"delete {path}"):
                delete(path)
        return record

    def keep(self, digest: Digest, progress: Progress) -> BlobRecord | None:
        """Hold a blob that is already here, proving it first if need be. None when it is not."""
        with self._lock:
            stat = self._blobs.stat(digest)
            if stat is None:
                return None
            self._holds.take(digest)
            record = self._catalogue.blob(digest)
            if record and is_unchanged(record, stat) and record.health.state is FileState.OK:
                return record
        # Left by a process killed between the rename and the record, or changed since.
        path = self._blobs.path(digest)
        with storage_errors(f"read {path}"), progress.task(digest.short, stat.st_size) as task:
            proof = hash_file(path, task)
        with self._lock:
            if proof.digest != digest:
                self._holds.release(digest)
                return None
            return self._record(proof, before=record)

    def prove(self, path: Path, expected: Digest, progress: Progress) -> None:
        """Raise HashMismatch unless the file hashes to `expected`. Owns nothing."""
        with storage_errors(f"read {path}"):
            size = path.stat().st_size
        self._prove(path, expected, size, progress)

    def _prove(
        self, path: Path, expected: Digest | None, size: int, progress: Progress
    ) -> FileHash:
        with storage_errors(f"read {path}"):
            before = path.stat()
            with progress.task(path.name, size) as task:
                proof = hash_file(path, task)
            after = path.stat()
        if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
            raise StorageError(
                f"{path} was changed while it was being read.",
                "Wait until whatever writes it is done.",
            )
        compare(path, proof, expected)
        return proof

    def _own(self, path: Path, proof: FileHash) -> BlobRecord:
        with self._lock:
            self._holds.take(proof.digest)
            stat = self._blobs.stat(proof.digest)
            record = self._catalogue.blob(proof.digest)
            if stat and record and is_unchanged(record, stat) and is_good(record):
                with storage_errors(f"delete {path}"):
                    delete(path)  # these bytes are owned and proven: one copy is enough
                return record
            # Not there, or not known to be good: these bytes are, so they take its place.
            self._blobs.place(path, proof.digest)
            return self._record(proof)

    def _record(self, proof: FileHash, before: BlobRecord | None = None) -> BlobRecord:
        stat = self._blobs.stat(proof.digest)
        if stat is None:
            raise StorageError(
                f"The blob {proof.digest.short} vanished while it was being added.", "Try again."
            )
        link, elsewhere = (before.link, before.elsewhere) if before else (Link.OWN, None)
        if link is Link.REFERENCE and self._layout.blob(proof.digest).exists():
            link, elsewhere = Link.OWN, None
        record = record_of(proof, stat, link, elsewhere)
        self._catalogue.put_blob(record)
        return record

    def _is_on_our_disk(self, path: Path) -> bool:
        with storage_errors(f"use {self._layout.home}"):
            self._layout.blobs.mkdir(parents=True, exist_ok=True)
            return path.stat().st_dev == self._layout.blobs.stat().st_dev


def record_of(
    proof: FileHash, stat: os.stat_result, link: Link = Link.OWN, elsewhere: str | None = None
) -> BlobRecord:
    """The record of bytes proven just now, in a file that looks like `stat`."""
    moment = now()
    if link is Link.OWN and stat.st_nlink > 1:
        link = Link.HARD_LINK  # a run killed before it could note so; the file itself tells
    return BlobRecord(
        digest=proof.digest,
        size=proof.size,
        chunk_size=CHUNK,
        chunks=proof.chunks,
        root=proof.root,
        proven_at=moment,
        mtime_ns=stat.st_mtime_ns,
        inode=stat.st_ino,
        health=HealthNote(FileState.OK, moment),
        link=link,
        elsewhere=elsewhere,
    )


def is_unchanged(record: BlobRecord, stat: os.stat_result) -> bool:
    """Whether the file is, by size, time and inode, the one that was proven."""
    return (stat.st_size, stat.st_mtime_ns, stat.st_ino) == (
        record.size,
        record.mtime_ns,
        record.inode,
    )


def is_good(record: BlobRecord) -> bool:
    """Whether the last check of the blob found nothing wrong."""
    return record.health.state is FileState.OK


def compare(path: Path, proof: FileHash, expected: Digest | None) -> None:
    """Raise HashMismatch unless the file is the one that was expected, if one was."""
    if expected is not None and proof.digest != expected:
        raise HashMismatch(
            f"{path.name} is not what was promised: it should hash to {expected} "
            f"and hashes to {proof.digest}.",
            "Nothing was owned. Fetch it again, or from somewhere else.",
        )
