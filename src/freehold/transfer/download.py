"""One download from beginning to end: its threads, its journal, its report to the one who waits."""

from __future__ import annotations

import threading
import time
from pathlib import Path

from freehold.progress import Task
from freehold.transfer import state
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.puller import Puller
from freehold.transfer.ranges import CHUNK_SIZE, Range, Spans
from freehold.transfer.rate import TokenBucket
from freehold.transfer.sinks import create, flush, storage_error
from freehold.transfer.work import Work

CHECKPOINT_SECONDS = 1.0
CHECKPOINT_BYTES = 64 << 20
"""The journal is renewed after so long or so much: what a kill can cost."""
_TICK = 0.1
_GRACE = 2.0


class Told:
    """What a task has been told so far, so that it only ever hears of differences."""

    def __init__(self, task: Task) -> None:
        self._task = task
        self._done = 0
        self._size: int | None = None

    def update(self, done: int, size: int | None) -> None:
        """Pass on the bytes that are there now, and the size once it is known."""
        if size is not None and size != self._size:
            self._task.total(size)
            self._size = size
        if done != self._done:
            self._task.advance(done - self._done)
            self._done = done


class Download:
    """Fills one file. The thread that calls `run` keeps the journal and reports the progress."""

    def __init__(self, remote: RemoteFile, target: Path, work: Work, told: Told) -> None:
        self.work = work
        self._remote, self._target, self._told = remote, target, told
        self._saved_at = time.monotonic()
        self._saved = 0
        self._resuming = False

    def resume(self) -> int:
        """Go on from the journal, if there is one; the bytes that are already there."""
        journal = state.load(self._target, self._remote)
        if journal is None:
            return 0
        tags = dict(journal.validators)
        for mirror in self.work.mirrors.all:
            mirror.validator = tags.get(mirror.url)
        pairs = journal.spans if self.work.hashes is None else _whole_chunks(journal)
        self.work.adopt(journal.size, Spans(pairs))
        self._saved = self.work.done
        self._resuming = True
        return self._saved

    def run(self, client: HttpClient, bucket: TokenBucket | None) -> bool:
        """Fetch all that is missing. False when the file changed at its source meanwhile.

        Raises what made it impossible; the journal then holds what was fetched.
        """
        if not self._resuming:
            create(self._target, self.work.size or 0)
        pullers: list[Puller] = []
        threads: list[threading.Thread] = []
        try:
            while not self.work.finished:
                alive = sum(thread.is_alive() for thread in threads)
                for _ in range(alive, max(1, min(self._wanted(alive), self.work.connections))):
                    pullers.append(Puller(self._remote, self._target, self.work, client, bucket))
                    threads.append(threading.Thread(target=pullers[-1].run, daemon=True))
                    threads[-1].start()
                self._tick()
        finally:
            self.work.stop()
            for puller in pullers:
                puller.interrupt()
            for thread in threads:
                thread.join(_GRACE)
            if not self.work.restart:
                self._told.update(self.work.done, self.work.size)
                self._checkpoint()
        if self.work.failure is not None and not self.work.restart:
            raise self.work.failure
        return not self.work.restart

    def _wanted(self, alive: int) -> int:
        return alive + self.work.wants_more_threads

    def _tick(self) -> None:
        with self.work.changed:
            self.work.changed.wait(_TICK)
        done = self.work.done
        self._told.update(done, self.work.size)
        old = time.monotonic() - self._saved_at > CHECKPOINT_SECONDS
        if done - self._saved >= CHECKPOINT_BYTES or (old and done != self._saved):
            self._checkpoint()

    def _checkpoint(self) -> None:
        """Flush the file, then write down what was in it before the flush began."""
        with self.work.changed:
            size, spans = self.work.size, self.work.spans.pairs
            mirrors = self.work.mirrors.all
            tags = tuple((each.url, each.validator) for each in mirrors if each.validator)
        if size is None or (spans and not self._target.exists()):
            return
        flush(self._target)
        sha256 = self._remote.sha256.hex if self._remote.sha256 else None
        try:
            state.save(self._target, state.Journal(size, sha256, tags, spans))
        except OSError as error:
            raise storage_error(error, self._target) from error
        self._saved = sum(end - start for start, end in spans)
        self._saved_at = time.monotonic()


def _whole_chunks(journal: state.Journal) -> list[Range]:
    """The chunks of which every byte is there: the only ones that were, or can be, proven."""
    whole: list[Range] = []
    for start, end in journal.spans:
        low = -(-start // CHUNK_SIZE) * CHUNK_SIZE
        high = end if end == journal.size else end // CHUNK_SIZE * CHUNK_SIZE
        if low < high:
            whole.append((low, high))
    return whole
