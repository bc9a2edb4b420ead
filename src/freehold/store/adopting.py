"""Owning another program's file without copying it, and without changing it.

Three ways, best first. A reflink is a file of our own that takes no space until either copy
changes. A hard link is their very file by a second name: it stays when they delete theirs, but what
they write into it is written here too, so its time and size are watched like those of every blob. A
reference is only the path: it works on any disk, and the model is gone when they remove the file.

The name of a file in a cache is a claim: every file is hashed before it is owned. Their mode, times
and bytes stay as they are; a hard link is never made read-only, because that would be their file.
"""

from __future__ import annotations

import contextlib
import os
import stat as modes
from collections.abc import Callable
from pathlib import Path

from freehold.errors import StorageError, UsageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.adding import compare, is_good, is_unchanged, record_of
from freehold.store.blobs import BlobFolder, share_bytes
from freehold.store.catalogue import Catalogue
from freehold.store.durable import storage_errors, sync_folder
from freehold.store.hashing import FileHash, hash_file
from freehold.store.layout import Layout
from freehold.store.locks import Holds, StoreLock
from freehold.store.model import BlobRecord, Link
from freehold.store.staging import Staging, staging

WAYS = (Link.REFLINK, Link.HARD_LINK, Link.REFERENCE)
"""How to hold another program's file, the best way first."""


class Adopter:
    """Makes other programs' files owned, where they are."""

    def __init__(
        self,
        layout: Layout,
        lock: StoreLock,
        catalogue: Catalogue,
        blobs: BlobFolder,
        holds: Holds,
        keep: Callable[[Digest, Progress], BlobRecord | None],
    ) -> None:
        """`keep` holds a blob that is here and good, as `Adder.keep` does."""
        self._keep = keep
        self._layout = layout
        self._lock = lock
        self._catalogue = catalogue
        self._blobs = blobs
        self._holds = holds

    def adopt(
        self,
        path: Path,
        expected: Digest | None,
        progress: Progress,
        ways: tuple[Link, ...],
        known: Digest | None = None,
    ) -> BlobRecord:
        """Prove the file and hold it. See `Store.adopt_file`."""
        real = real_file(path)
        if self._layout.home.resolve() in real.parents:
            raise UsageError(f"{path} is in Freehold's own folder.", "It is yours already.")
        # The key is written down as text, which a name need not be.
        key = f"adopt {real}".encode("utf-8", "backslashreplace").decode("utf-8")
        with staging(self._layout, self._lock, key, progress, wait=True) as work:
            try:
                for digest in {known, expected} - {None}:
                    if digest and (kept := self._keep(digest, progress)):
                        return kept
                way, held = _hold(real, work, ways)
                proof, stat = _prove(held, real, progress)
                compare(real, proof, expected)
                return self._own(real, held, record_of(proof, stat, way, str(real)))
            finally:
                work.discard()  # a link is made again at once

    def _own(self, real: Path, held: Path, record: BlobRecord) -> BlobRecord:
        digest = record.digest
        with self._lock:
            self._holds.take(digest)
            stat, known = self._blobs.stat(digest), self._catalogue.blob(digest)
            if stat and known and is_unchanged(known, stat) and is_good(known):
                return known  # owned and proven, perhaps better held than this would be
            with storage_errors(f"adopt {real}"):
                if record.link is Link.REFLINK:
                    self._blobs.place(held, digest)
                elif record.link is Link.HARD_LINK:
                    self._place_link(held, digest)
                else:
                    self._blobs.remove(digest)  # a damaged file of ours would hide theirs
            self._catalogue.put_blob(record)
            return record

    def _place_link(self, held: Path, digest: Digest) -> None:
        """Give the file its name here. Unlike `place` it leaves the mode alone: it is theirs."""
        target = self._layout.blob(digest)
        target.parent.mkdir(parents=True, exist_ok=True)
        held.replace(target)
        sync_folder(target.parent)
        sync_folder(self._layout.blobs)


def real_file(path: Path) -> Path:
    """The file itself, behind any symbolic links. Raises StorageError unless it is one."""
    with storage_errors(f"read {path}"):
        try:
            real = path.resolve(strict=True)
        except RuntimeError as error:  # how Python before 3.13 says that links go in a circle
            raise StorageError(f"{path} is a link that leads back to itself.") from error
        if not modes.S_ISREG(real.stat().st_mode):
            raise StorageError(f"{path} is not a file.", "Name one file.")
    return real


def likely_way(layout: Layout, path: Path) -> Link:
    """The way that probably works. A reflink only shows when tried: it counts as a hard link."""
    home = layout.home
    while not home.exists() and home != home.parent:
        home = home.parent
    with storage_errors(f"look at {path}"):
        stat = path.stat()
        same_disk = stat.st_dev == home.stat().st_dev
    if os.name == "nt":
        return Link.HARD_LINK if same_disk else Link.REFERENCE
    # Linux refuses hard links to files that one neither owns nor may write.
    ours = stat.st_uid == os.geteuid() or os.access(path, os.R_OK | os.W_OK)
    return Link.HARD_LINK if same_disk and ours else Link.REFERENCE


def shares_space(record: BlobRecord) -> bool:
    """Whether deleting a reflinked blob frees nothing, because the other program's file stays."""
    return record.link is Link.REFLINK and Path(record.elsewhere or "").is_file()


def _hold(real: Path, work: Staging, ways: tuple[Link, ...]) -> tuple[Link, Path]:
    """The first way that works here, and the path by which the file is now held."""
    target = work.path("held")
    with storage_errors(f"adopt {real}"):
        target.unlink(missing_ok=True)  # left by a killed run
        if Link.REFLINK in ways and _reflink(real, target):
            return Link.REFLINK, target
        if Link.HARD_LINK in ways and _hard_link(real, target):
            return Link.HARD_LINK, target
    if Link.REFERENCE in ways:
        return Link.REFERENCE, real
    raise StorageError(
        f"{real} can't be shared with the store: they are on different disks, or this disk has "
        "no links.",
        "It can be copied instead: freehold get PATH.",
    )


def _reflink(real: Path, target: Path) -> bool:
    with real.open("rb", buffering=0) as reading, target.open("wb", buffering=0) as writing:
        done = share_bytes(reading, writing)
    if not done:
        target.unlink()
    return done


def _hard_link(real: Path, target: Path) -> bool:
    if os.name == "nt" and not real.stat().st_mode & modes.S_IWRITE:
        return False  # Windows could then only delete our name by changing their file's mode
    with contextlib.suppress(OSError):  # another disk, another's file, a system without: no link
        target.hardlink_to(real)
        return True
    return False


def _prove(held: Path, real: Path, progress: Progress) -> tuple[FileHash, os.stat_result]:
    """Hash what is held, and what the file was like then: whatever changes it later is seen.

    Raises StorageError when it is written to meanwhile.
    """
    with storage_errors(f"read {real}"):
        before = held.stat()
        with progress.task(real.name, before.st_size) as task:
            proof = hash_file(held, task)
        after = held.stat()
    if (before.st_mtime_ns, before.st_size) != (after.st_mtime_ns, after.st_size):
        raise StorageError(
            f"{real} was changed while it was being read.",
            "Wait until the program that writes it is done.",
        )
    return proof, after
