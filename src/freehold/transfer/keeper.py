"""Keeps the journal of a running download: often what is written, now and then what is flushed.

Flushing waits for the disk, so it has a thread of its own; the journal is renewed meanwhile.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path

from freehold.errors import StorageError
from freehold.transfer import state
from freehold.transfer.interface import RemoteFile
from freehold.transfer.ranges import Range
from freehold.transfer.sinks import flush, storage_error
from freehold.transfer.work import Work

SAVE_BYTES = 4 << 20
SAVE_SECONDS = 0.1
"""The journal is renewed after so long and so much: what a killed process can cost."""
FLUSH_BYTES = 256 << 20
FLUSH_SECONDS = 2.0
"""The file is flushed after so long or so much: what a power cut can cost."""


class Keeper:
    """Writes the journal of one download. For the one thread that watches over it."""

    def __init__(self, remote: RemoteFile, target: Path, work: Work) -> None:
        self._remote, self._target, self._work = remote, target, work
        self._flushed: tuple[Range, ...] = work.spans.pairs
        self._saved = self._flushed_total = work.done
        self._saved_at = self._flushed_at = time.monotonic()
        self._thread: threading.Thread | None = None
        self._failure: StorageError | None = None

    def tick(self) -> None:
        """Write and flush what is due. Raises StorageError."""
        self._raise_failure()
        now, done = time.monotonic(), self._work.done
        fresh, age = done - self._flushed_total, now - self._flushed_at
        if self._thread is None and (fresh >= FLUSH_BYTES or (fresh and age >= FLUSH_SECONDS)):
            self._thread = threading.Thread(target=self._flush, daemon=True)
            self._thread.start()
        elif self._thread is not None and not self._thread.is_alive():
            self._thread = None
        if done - self._saved >= SAVE_BYTES or (
            done != self._saved and now - self._saved_at >= SAVE_SECONDS
        ):
            self._save()

    def finish(self) -> None:
        """Flush everything and write it down. Raises StorageError."""
        if self._thread is not None:
            self._thread.join()
        self._flush()
        self._raise_failure()
        self._save()

    def _raise_failure(self) -> None:
        if self._failure is not None:
            raise self._failure

    def _flush(self) -> None:
        with self._work.changed:
            spans, total = self._work.spans.pairs, self._work.spans.total
        try:
            flush(self._target)
        except StorageError as error:
            self._failure = error
            return
        self._flushed, self._flushed_total = spans, total
        self._flushed_at = time.monotonic()

    def _save(self) -> None:
        with self._work.changed:
            size, spans = self._work.size, self._work.spans.pairs
            mirrors = self._work.mirrors.all
            tags = tuple((each.url, each.validator) for each in mirrors if each.validator)
        if size is None:
            return
        sha256 = self._remote.sha256.hex if self._remote.sha256 else None
        journal = state.Journal(size, sha256, tags, self._flushed, spans, state.this_boot())
        try:
            state.save(self._target, journal)
        except OSError as error:
            raise storage_error(error, self._target) from error
        self._saved = sum(end - start for start, end in spans)
        self._saved_at = time.monotonic()
