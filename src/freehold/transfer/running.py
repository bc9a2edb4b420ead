"""A part of a file that one connection is fetching, and when another should take some of it over.

Where several peers have the file, one that is slow keeps what it can do in good time: what is left
of its part goes to a connection that has nothing to do. It does not know HTTP.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from freehold.transfer.mirrors import Mirror
from freehold.transfer.ranges import CHUNK_SIZE

BLOCK = 256 << 10
"""The most that is read at a time, in bytes: a part is split beyond what is being read."""
_SETTLED = 0.5
"""Seconds after which the pace of a request says something, and which are worth saving."""


@dataclass(frozen=True)
class Job:
    """A part of the file to ask for. `end` None: to the end of the file, wherever that is."""

    start: int
    end: int | None
    avoid: tuple[Mirror, ...] = ()


@dataclass(eq=False)
class Running:
    """One request under way. Its fields change under the lock of the work that it belongs to."""

    jobs: list[Job]
    mirror: Mirror
    began: float
    position: int = 0
    end: int | None = None
    """Where to stop, not included: lowered when another takes the rest over."""
    got: int = 0
    was_cut: bool = False
    left: bool = False
    """Whether it was given up, although its thread may still wait for an answer."""
    stop: Callable[[], None] = lambda: None
    """Ends a read that waits."""
    writing: threading.Lock = field(default_factory=threading.Lock)
    """Held while bytes are written: what was taken over is written by its new owner alone."""
    _marked: tuple[float, int] | None = None

    def __post_init__(self) -> None:
        self.position, self.end = self.jobs[0].start, self.jobs[0].end

    @property
    def is_over(self) -> bool:
        """Whether others have taken over all that has not come yet."""
        return self.was_cut and self.end is not None and self.position >= self.end

    def start(self, now: float) -> None:
        """It is being asked now."""
        self.began, self._marked = now, (now, 0)

    def is_whole(self, jobs: list[Job]) -> None:
        """The whole file is on its way, from its beginning; `jobs` are what is wanted of it."""
        self.jobs[:], self.position, self.end = jobs, 0, jobs[-1].end if jobs else 0

    def pace(self, now: float) -> float:
        """Bytes per second so far."""
        return self.got / max(now - self.began, 0.001)

    def is_silent(self, now: float, quiet: float, least: float) -> bool:
        """Whether less than `least` bytes came in the last `quiet` seconds, which begin anew."""
        since, got = self._marked or (now, 0)
        if now - since < quiet:
            return False
        self._marked = (now, self.got)
        return self.got - got < least

    def cut(self, at: int) -> list[Job]:
        """Stop at `at`, or now where it fetches several parts; what it leaves to others."""
        self.was_cut = True
        if len(self.jobs) != 1:
            rest, self.jobs[:], self.end = list(self.jobs), [], self.position
            return rest
        (job,) = self.jobs
        at = max(at, job.start)
        self.jobs[:] = [replace(job, end=at)] if job.start < at else []
        self.end = at
        return [Job(at, job.end, (*job.avoid, self.mirror))]

    def clip(self, position: int, block: bytes) -> bytes:
        """What of a block is still its own to write."""
        return block[: max(0, (self.end or 0) - position)] if self.was_cut else block


def to_take_over(
    running: Iterable[Running], taker: Mirror, now: float
) -> tuple[Running, int] | None:
    """Whose rest `taker` should fetch, and from which byte on. None: all will end soon enough."""
    found = [
        each
        for each in running
        if each.end is not None
        and len(each.jobs) == 1
        and each.mirror is not taker
        and now - each.began >= _SETTLED
    ]
    if not found:
        return None
    slowest = max(found, key=lambda each: _seconds_left(each, now))
    left = _seconds_left(slowest, now)
    at = _split(slowest, taker.pace or slowest.pace(now), left, now)
    return None if at is None or left < _SETTLED else (slowest, at)


def _split(slow: Running, pace: float, left: float, now: float) -> int | None:
    """Where to cut so that both end together; before what is being read, where that takes long."""
    end = slow.end or 0
    border = -(-(slow.position + BLOCK) // CHUNK_SIZE) * CHUNK_SIZE
    own = slow.pace(now)
    if border < end:
        keeps = int((end - border) * own / (own + pace)) if own + pace else 0
        at = border + -(-keeps // CHUNK_SIZE) * CHUNK_SIZE
        if at < end:
            return at
    start = slow.position // CHUNK_SIZE * CHUNK_SIZE
    again = (end - start) / pace if pace else 0.0
    return max(start, slow.jobs[0].start) if left > 2 * again + _SETTLED else None


def _seconds_left(each: Running, now: float) -> float:
    return ((each.end or 0) - each.position) / max(each.pace(now), 1.0)
