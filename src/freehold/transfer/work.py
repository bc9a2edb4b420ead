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

TOO_MANY_WRONG = 3
"""Wrong chunks after which an address is given up."""

NEWS = 4 << 20
"""So many fresh bytes are worth waking the one who watches."""


@dataclass(frozen=True)
class Job:
    """A part of the file to ask for. `end` None: to the end of the file, wherever that is."""

    start: int
    end: int | None
    avoid: tuple[Mirror, ...] = ()


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
        self._busy = 0
        self._announced = 0
        self._queue: deque[Job] = deque()
        self._plan()

    @property
    def finished(self) -> bool:
        """Whether nothing is left to do, for good or ill."""
        with self.changed:
            return self.stopping or (not self._queue and not self._busy)

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
            if not any(mirror.ranged for mirror in self.mirrors.alive):
                return 0
            return min(len(self._queue), self.connections)

    def adopt(self, size: int, spans: Spans) -> None:
        """Go on from what an earlier run has fetched."""
        with self.changed:
            self.size, self.spans = size, spans
            self._queue.clear()
            self._plan()

    def take(self) -> tuple[Job, Mirror, float] | None:
        """The next part, whom to ask for it and after how many seconds. None: go home."""
        with self.changed:
            while not self.stopping:
                if not self._queue:
                    if not self._busy:
                        return None
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
                mirror.active += 1
                self._busy += 1
                return self._queue.popleft(), mirror, wait
            return None

    def give_back(self, jobs: Sequence[Job], mirror: Mirror) -> None:
        """A request has ended: whatever of its parts is still missing waits for another."""
        with self.changed:
            mirror.active -= 1
            self._busy -= 1
            for job in reversed(jobs):
                end = job.end if self.size is None else min(job.end or self.size, self.size)
                left = [job] if end is None else self._left(job, end)
                self._queue.extendleft(reversed(left))
            self.changed.notify_all()

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

    def claim_all(self, job: Job) -> list[Job]:
        """Take everything that waits: for a server that sends only the whole file."""
        with self.changed:
            if self.size is None:
                self.spans = Spans()  # what an earlier try gave may belong to another version
                return [Job(0, None)]
            taken = sorted((job, *self._queue), key=lambda each: each.start)
            self._queue.clear()
            return taken

    def count(self, mirror: Mirror, amount: int, so_far: int) -> None:
        """Bytes have come in, `so_far` of them with this answer."""
        with self.changed:
            self.read += amount
            if so_far >= USEFUL:
                self.mirrors.served(mirror)

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
