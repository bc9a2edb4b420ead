"""One download from beginning to end: its threads, its journal, its report to the one who waits."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

from freehold.progress import Task
from freehold.transfer import state
from freehold.transfer.http import HttpClient
from freehold.transfer.interface import RemoteFile
from freehold.transfer.keeper import Keeper
from freehold.transfer.puller import Puller
from freehold.transfer.ranges import CHUNK_SIZE, Range, Spans
from freehold.transfer.rate import TokenBucket
from freehold.transfer.sinks import create
from freehold.transfer.work import Work

THREAD_NAME = "freehold-fetch"
_TICK = 0.1
_GRACE = 2.0
_LEAST = 24 << 10
"""Bytes that a peer must give in `Patience.quiet` seconds, or it is left."""


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
        self._resuming = False

    def resume(self) -> int:
        """Go on from the journal, if there is one; the bytes that are already there."""
        journal = state.load(self._target, self._remote)
        if journal is None:
            return 0
        tags = dict(journal.validators)
        for mirror in self.work.mirrors.all:
            mirror.validator = tags.get(mirror.url)
        spans = journal.there(state.this_boot())
        pairs = spans if self.work.hashes is None else _whole_chunks(spans, journal.size)
        self.work.adopt(journal.size, Spans(pairs))
        self._resuming = True
        return self.work.done

    def run(self, client: HttpClient, bucket: TokenBucket | None) -> bool:
        """Fetch all that is missing. False when the file changed at its source meanwhile.

        Raises what made it impossible; the journal then holds what was fetched.
        """
        if not self._resuming:
            create(self._target, self.work.size or 0)
        keeper = Keeper(self._remote, self._target, self.work)
        least = min(_LEAST, bucket.rate / 16) if bucket else _LEAST
        pullers: list[Puller] = []
        threads: list[threading.Thread] = []
        try:
            while not self.work.finished:
                alive = sum(thread.is_alive() for thread in threads)
                for _ in range(alive, max(1, min(self._wanted(alive), self.work.room))):
                    pullers.append(Puller(self._remote, self._target, self.work, client, bucket))
                    threads.append(
                        threading.Thread(target=pullers[-1].run, name=THREAD_NAME, daemon=True)
                    )
                    threads[-1].start()
                with self.work.changed:
                    self.work.changed.wait(_TICK)
                self.work.leave_silent(least)
                self._told.update(self.work.done, self.work.size)
                keeper.tick()
        finally:
            self.work.stop()
            for puller in pullers:
                puller.interrupt()
            enough = time.monotonic() + _GRACE
            for thread in threads:
                thread.join(max(0.0, enough - time.monotonic()))
            if not self.work.restart:
                keeper.finish()
                self._told.update(self.work.done, self.work.size)
        if self.work.failure is not None and not self.work.restart:
            raise self.work.failure
        if not self.work.restart and not self.work.is_whole:
            raise RuntimeError("a download ended with bytes missing and no reason given")
        return not self.work.restart

    def _wanted(self, alive: int) -> int:
        return alive + self.work.wants_more_threads


def _whole_chunks(spans: Sequence[Range], size: int) -> list[Range]:
    """The chunks of which every byte is there: the only ones that were, or can be, proven."""
    whole: list[Range] = []
    for start, end in spans:
        low = -(-start // CHUNK_SIZE) * CHUNK_SIZE
        high = end if end == size else end // CHUNK_SIZE * CHUNK_SIZE
        if low < high:
            whole.append((low, high))
    return whole
