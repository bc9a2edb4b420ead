"""Putting a whole blob in the place of a damaged one, and recording it.

The new file grows in staging and is found there again after a kill. The damaged one stays as it is
until the new one is proven; then one rename, then the record. Another program's file is never
written to: a blob that was shared with it becomes a file of our own.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from freehold.errors import NotOwned
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.adding import is_good, is_unchanged
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.chunks import ChunkHashes
from freehold.store.durable import storage_errors
from freehold.store.hashing import bad_chunks, root_of
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.model import BlobRecord, FileState, HealthNote, Link, now
from freehold.store.patch import Rebuild, RebuildReport
from freehold.store.staging import staging

Fill = Callable[[Rebuild, Path], None]
"""Puts the missing chunks of an unfinished file, whose path it is told: good chunks may be read
there. It may leave some out; then nothing is put in place."""


def work_key(digest: Digest) -> str:
    """What the unfinished repair of a blob is called in staging."""
    return f"repair {digest}"


class Mender:
    """Makes damaged blobs whole."""

    def __init__(
        self, layout: Layout, lock: StoreLock, catalogue: Catalogue, blobs: BlobFolder
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._catalogue = catalogue
        self._blobs = blobs

    def bad_chunks(self, hashes: ChunkHashes, progress: Progress) -> tuple[int, ...]:
        """The chunks that the blob's file lacks: all when it is gone, cut off or not readable."""
        path = self._readable(hashes.digest)
        if path is None:
            return tuple(range(hashes.chunk_count))
        with (
            storage_errors(f"read {path}"),
            progress.task(f"Looking at {hashes.digest.short}", hashes.size) as task,
        ):
            bad = bad_chunks(path, hashes.size, hashes.chunks, hashes.chunk_size, task)
        return tuple(bad)

    def mend(self, hashes: ChunkHashes, fill: Fill, progress: Progress) -> RebuildReport | None:
        """Make the blob whole with the chunks that `fill` puts; None when it is whole already.

        What a killed attempt left is used. Raises DamagedModel naming the chunks that are still
        missing, HashMismatch, StorageError, NotEnoughSpace, and NotOwned when its model was
        removed meanwhile; the blob is then as it was.
        """
        digest = hashes.digest
        with staging(self._layout, self._lock, work_key(digest), progress, wait=True) as work:
            if self.is_whole(digest):  # another process was quicker
                self._note_own(digest)
                work.discard()
                return None
            unfinished, proven = work.path("unfinished"), work.path("proven")
            with storage_errors(f"go on with {unfinished}"):
                if proven.exists():  # killed just before it was put in place
                    proven.replace(unfinished)
            damaged = self._readable(digest)
            with Rebuild.begin(damaged, hashes, unfinished, progress) as rebuild:
                fill(rebuild, unfinished)
                report = rebuild.finish(proven, progress)
            try:
                placed = self._place(hashes, report)
            except NotOwned:
                work.discard()
                raise
            work.discard()
            return placed

    def tidy(self, digest: Digest, progress: Progress) -> None:
        """Finish what a repair killed after its rename left over, if the blob is whole."""
        with staging(self._layout, self._lock, work_key(digest), progress, wait=True) as work:
            if self.is_whole(digest):
                self._note_own(digest)
                work.discard()

    def _note_own(self, digest: Digest) -> None:
        """A file that was put in place, and not yet recorded so, is our own."""
        path = self._layout.blob(digest)
        with self._lock, storage_errors(f"look at {path}"):
            record = self._catalogue.blob(digest)
            ours = path.exists() and path.stat().st_nlink == 1
            if record and record.link is not Link.OWN and ours:
                self._catalogue.put_blob(replace(record, link=Link.OWN, elsewhere=None))

    def _place(self, hashes: ChunkHashes, report: RebuildReport) -> RebuildReport:
        digest = hashes.digest
        with self._lock:
            if digest not in self._catalogue.used_digests():
                raise NotOwned(
                    f"The model with {digest.short} was removed while it was being repaired."
                )
            stat = self._blobs.place(report.path, digest)
            moment = now()
            known = self._catalogue.blob(digest) or _record(hashes)
            record = replace(
                known,
                proven_at=moment,  # so that a check under way does not note what it saw before
                mtime_ns=stat.st_mtime_ns,
                inode=stat.st_ino,
                health=HealthNote(FileState.OK, moment),
                link=Link.OWN,
                elsewhere=None,
            )
            self._catalogue.put_blob(record)
        return replace(
            report,
            path=self._blobs.path(digest),
            mtime_ns=stat.st_mtime_ns,
            inode=stat.st_ino,
        )

    def is_whole(self, digest: Digest) -> bool:
        """Whether the file is there, unchanged since it was last found good."""
        record, stat = self._catalogue.blob(digest), self._blobs.stat(digest)
        return bool(record and stat and is_unchanged(record, stat) and is_good(record))

    def _readable(self, digest: Digest) -> Path | None:
        """The damaged file; None when there is none that can be opened."""
        path = self._blobs.path(digest)
        try:
            with path.open("rb"):
                return path
        except OSError:  # gone, or refused: for a repair the same, a file with no good chunk
            return None


def _record(hashes: ChunkHashes) -> BlobRecord:
    """A record in place of a lost one: the chunk hashes were proven with the file."""
    moment = now()
    return BlobRecord(
        digest=hashes.digest,
        size=hashes.size,
        chunk_size=hashes.chunk_size,
        chunks=hashes.chunks,
        root=root_of(hashes.chunks),
        proven_at=moment,
        mtime_ns=0,
        inode=0,
        health=HealthNote(FileState.OK, moment),
    )
