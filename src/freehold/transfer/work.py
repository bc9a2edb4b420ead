"""What is done and what is left of one download, shared by the threads that fetch it.

Every method takes the one lock; waiting for news is waiting on `changed`. It does not know HTTP.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from freehold.errors import FreeholdError, HashMismatch, Unreachable
from freehold.transfer.mirrors import USEFUL, Mirror, Mirrors
from freehold.transfer.ranges import CHUNK_SIZE, SMALLEST_SEGMENT, Spans, segments
from freehold.transfer.running import Job, Running, to_take_over

TOO_MANY_WRONG = 3
"""Wrong chunks after which an address is given up."""

NEWS = 4 << 20
"""So many fresh bytes are worth waking the one who watches."""


@dataclass(frozen=True)
class WrongChunk:
    """A chunk that arrived with other bytes than it should have."""

    source: str
    index: int


@dataclass
class Work:
    """The shared state of one download."""

    mirrors: Mirrors
    connections: int
    size: int | None = None
    spans: Spans = field(default_factory=Spans)
    hashes: Sequence[bytes] | None = None

    def __post_init__(self) -> None:
        self.changed = threading.Condition()
        self.stopping = False
        self.failure: BaseException | None = None
        self.restart = False
        self.read = 0
        self.notes: list[str] = []
        self.wrong: list[WrongChunk] = []
        self._running: list[Running] = []
        self._announced = 0
        self._queue: deque[Job] = deque()
        self._plan()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do, for good or ill."""
        with self.changed:
            if self.mirrors.are_near and self.is_whole:  # what is still under way came twice
                return all(self._release(each, 0) for each in self._running)
            return self.stopping or (not self._queue and not self._running)

    @property
    def is_whole(self) -> bool:
        """Whether every byte of the file is there."""
        with self.changed:
            return self.size is not None and not self.spans.missing(0, self.size)

    @property
    def done(self) -> int:
        """Bytes of the file that are in it."""
        with self.changed:
            return self.spans.total

    @property
    def wants_more_threads(self) -> int:
        """How many further connections would find something to do."""
        with self.changed:
            if not self.mirrors.are_near and not any(each.ranged for each in self.mirrors.alive):
                return 0
            return min(len(self._queue), self.connections)

    @property
    def room(self) -> int:
        """How many connections there may be: one that was left does not count."""
        with self.changed:
            return self.connections + sum(each.left for each in self._running)

    def adopt(self, size: int, spans: Spans) -> None:
        """Go on from what an earlier run has fetched."""
        with self.changed:
            self.size, self.spans = size, spans
            self._queue.clear()
            self._plan()

    def take(self) -> tuple[Running, float] | None:
        """The next request, and after how many seconds to make it. None: go home."""
        with self.changed:
            while not self.stopping:
                if not self._queue:
                    if not self._running:
                        return None
                    if taken := self._take_over():
                        return taken, 0.0
                    self.changed.wait(0.5)
                    continue
                if not self.mirrors.alive:
                    self.stop(self.mirrors.final_error())
                    return None
                picked = self.mirrors.pick(self._queue[0].avoid)
                if picked is None:
                    self.changed.wait(0.1)
                    continue
                mirror, wait = picked
                return self._begin(self._queue.popleft(), mirror), wait
            return None

    def give_back(self, running: Running) -> None:
        """A request has ended: whatever of its parts is still missing waits for another."""
        with self.changed:
            self._running.remove(running)
            running.mirror.active -= 1
            running.mirror.pace = running.pace(time.monotonic()) or running.mirror.pace
            for job in reversed(running.jobs):
                self._ask_again(job)
            self.changed.notify_all()

    def leave_silent(self, least: float) -> None:
        """Peers that give less than `least` bytes in their time are left for others."""
        now = time.monotonic()
        with self.changed:
            for each in list(self._running):
                if each.left or not each.mirror.near:
                    continue
                if each.is_silent(now, self.mirrors.patience.quiet, least):
                    each.left = self._release(each, each.position // CHUNK_SIZE * CHUNK_SIZE)
                if each.left:
                    each.stop()
                    error = Unreachable(f"{each.mirror.host} gives next to nothing.")
                    self.failed(each.mirror, error, now, None)

    def _begin(self, job: Job, mirror: Mirror) -> Running:
        mirror.active += 1
        self._running.append(Running([job], mirror, time.monotonic()))
        return self._running[-1]

    def _take_over(self) -> Running | None:
        """A part of what a slower peer is busy with, for a connection that has nothing to do."""
        if not self.mirrors.are_near:
            return None
        now = time.monotonic()
        for mirror in self.mirrors.ready():
            found = to_take_over(self._running, mirror, now)
            if found is not None and self._release(*found):
                return self._begin(self._queue.popleft(), mirror)
        return None

    def _release(self, running: Running, at: int) -> bool:
        """What a request was to fetch from `at` on waits for another. False: not just now."""
        if not running.writing.acquire(blocking=False):
            return False
        try:
            rest = running.cut(at)
        finally:
            running.writing.release()
        for job in reversed(rest):
            self._ask_again(job)
        self.changed.notify_all()
        return True

    def _ask_again(self, job: Job) -> None:
        end = job.end if self.size is None else min(job.end or self.size, self.size)
        left = [job] if end is None else self._left(job, end)
        self._queue.extendleft(reversed(left))

    def opened(self, mirror: Mirror, ranged: bool) -> None:
        """An answer has shown whether its address serves parts: more connections may come."""
        with self.changed:
            mirror.ranged = ranged
            self.changed.notify_all()

    def learn_size(self, size: int, prepare: Callable[[int], None]) -> None:
        """The size has come to light: make the file that large and plan what else to ask for."""
        with self.changed:
            if self.size is None:
                prepare(size)
                self.size = size
                self._plan_after(SMALLEST_SEGMENT)
                self.changed.notify_all()

    def claim_all(self, running: Running) -> None:
        """Take everything that waits: for a server that sends only the whole file."""
        with self.changed:
            if self.size is None:
                self.spans = Spans()  # what an earlier try gave may belong to another version
                running.is_whole([Job(0, None)])
            else:
                running.is_whole(sorted((*running.jobs, *self._queue), key=lambda job: job.start))
                self._queue.clear()

    def count(self, running: Running, amount: int) -> None:
        """Bytes have come in."""
        with self.changed:
            self.read += amount
            running.got += amount
            running.position += amount
            if running.got >= USEFUL and not running.mirror.near:
                self.mirrors.served(running.mirror)

    def failed(
        self, mirror: Mirror, error: Unreachable, asked_at: float, wait: float | None
    ) -> None:
        """A request failed in a way that may pass."""
        with self.changed:
            if self.mirrors.failed(mirror, error, asked_at, wait) and len(self.mirrors.all) > 1:
                self.notes.append(f"{mirror.host} was given up: {error.message}")
            self.changed.notify_all()

    def begin_again(self) -> None:
        """The file has changed at its source: what is here belongs to the old one."""
        with self.changed:
            self.restart = True
            self.stop()

    def pause(self, seconds: float) -> None:
        """Wait, unless everyone is to go home."""
        deadline = time.monotonic() + seconds
        with self.changed:
            while not self.stopping and (left := deadline - time.monotonic()) > 0:
                self.changed.wait(left)

    def landed(self, mirror: Mirror, start: int, end: int) -> None:
        """These bytes are in the file."""
        with self.changed:
            self.spans.add(start, end)
            mirror.gave.add(start, end)
            if mirror.near:  # it is held to what is proven, not to what it sends
                self.mirrors.served(mirror)
            if self.spans.total - self._announced >= NEWS:
                self._announced = self.spans.total
                self.changed.notify_all()

    def is_wrong(self, mirror: Mirror, index: int) -> None:
        """A chunk from there was not what it should be: get it elsewhere, or once more."""
        with self.changed:
            mirror.wrong_chunks += 1
            before = [seen for seen in self.wrong if seen.index == index]
            self.wrong.append(WrongChunk(mirror.host, index))
            self.notes.append(f"Chunk {index} from {mirror.host} had wrong bytes.")
            error = HashMismatch(
                f"{mirror.host} gives wrong bytes for chunk {index:,} of the file.",
                "Use another source, or look the model up again.",
            )
            enough = mirror.wrong_chunks >= TOO_MANY_WRONG
            if (enough and len(self.mirrors.alive) > 1) or len(before) >= len(self.mirrors.all):
                self.give_up(mirror, error)

    def give_up(self, mirror: Mirror, error: FreeholdError) -> None:
        """Ask that address no more, and say why."""
        with self.changed:
            if self.mirrors.give_up(mirror, error) and len(self.mirrors.all) > 1:
                self.notes.append(f"{mirror.host} was given up: {error.message}")
            self.changed.notify_all()

    def stop(self, failure: BaseException | None = None) -> None:
        """Everyone goes home; the first failure is the one that counts."""
        with self.changed:
            self.stopping = True
            self.failure = self.failure or failure
            self.changed.notify_all()

    def _left(self, job: Job, end: int) -> list[Job]:
        """What is missing of a part; a chunk that came wrong is asked for elsewhere."""
        left: list[Job] = []
        for low, high in self.spans.missing(job.start, end):
            start = low
            for index in sorted({seen.index for seen in self.wrong}):
                first, last = index * CHUNK_SIZE, min((index + 1) * CHUNK_SIZE, high)
                if start <= first < high:
                    if start < first:
                        left.append(Job(start, first))
                    left.append(Job(first, last, self._avoided(index)))
                    start = last
            if start < high:
                left.append(Job(start, high, job.avoid))
        return left

    def _avoided(self, index: int) -> tuple[Mirror, ...]:
        hosts = {seen.source for seen in self.wrong if seen.index == index}
        return tuple(mirror for mirror in self.mirrors.all if mirror.host in hosts)

    def _plan(self) -> None:
        if self.size is None:
            self._queue.append(Job(0, SMALLEST_SEGMENT))
        else:
            self._plan_after(0)

    def _plan_after(self, start: int) -> None:
        gaps = self.spans.missing(start, self.size or 0)
        self._queue.extend(Job(low, high) for low, high in segments(gaps, self.connections))
