"""The addresses of one file: which to ask next, which to leave alone for a while, which for good.

Keeps the first address as long as it serves; the others stand in when it falters. Peers are asked
all at once, and before the others. Not safe for threads by itself: whoever shares it holds a lock.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from freehold.errors import FreeholdError, SourceError, Unreachable
from freehold.transfer.backoff import Patience
from freehold.transfer.failures import host_of
from freehold.transfer.ranges import Spans

USEFUL = 64 << 10
"""An answer with at least so many bytes counts as service, in bytes."""


@dataclass(eq=False)
class Mirror:
    """One address and what has been seen of it."""

    url: str
    near: bool = False
    """Whether it is a peer, which may be asked at the same time as the others."""
    ranged: bool | None = None
    """Whether it serves parts of the file. None until seen."""
    validator: str | None = None
    """The ETag or date of the version of the file that it serves."""
    active: int = 0
    """Requests under way."""
    gave: Spans = field(default_factory=Spans)
    """The bytes of the file that came from here."""
    failures: int = 0
    ready_at: float = 0.0
    last_failure: float = field(default=float("-inf"))
    given_up: bool = False
    error: FreeholdError | None = None
    wrong_chunks: int = 0
    pace: float = 0.0
    """Bytes per second of the last request; 0 until there was one."""

    @property
    def host(self) -> str:
        """The name it has in reports."""
        return host_of(self.url)


class Mirrors:
    """The addresses in order of preference."""

    def __init__(
        self,
        urls: Iterable[str],
        patience: Patience,
        clock: Callable[[], float] = time.monotonic,
        near: Collection[str] = (),
    ) -> None:
        self.all = tuple(Mirror(url, url in near) for url in dict.fromkeys(urls))
        self.patience = patience
        self._clock = clock

    @property
    def alive(self) -> tuple[Mirror, ...]:
        """Those not given up."""
        return tuple(mirror for mirror in self.all if not mirror.given_up)

    def pick(self, avoid: Collection[Mirror] = ()) -> tuple[Mirror, float] | None:
        """Which to ask, and the seconds to wait before. None when there is none just now.

        An address that has not shown that it serves parts is asked by one connection at a time.
        `avoid` is honoured as long as another address is alive.
        """
        alive = [mirror for mirror in self.alive if mirror not in avoid] or self.alive
        near = [mirror for mirror in alive if mirror.near]
        free = [mirror for mirror in near or alive if mirror.ranged or not mirror.active]
        if not free:
            return None
        now = self._clock()
        best = min(
            free, key=lambda each: (max(each.ready_at - now, 0.0), each.near and each.active)
        )
        wait = max(best.ready_at - now, 0.0)
        if wait and any(mirror.active for mirror in near):
            return None
        return best, wait

    @property
    def are_near(self) -> bool:
        """Whether several peers have the file, so that they are asked at once."""
        return sum(mirror.near for mirror in self.all) > 1

    def ready(self) -> list[Mirror]:
        """The peers that can be asked now, those least busy first."""
        now = self._clock()
        free = [each for each in self.alive if each.near and (each.ranged or not each.active)]
        return sorted((m for m in free if m.ready_at <= now), key=lambda each: each.active)

    def served(self, mirror: Mirror) -> None:
        """It gave useful bytes: earlier failures are forgiven."""
        mirror.failures = 0

    def failed(
        self, mirror: Mirror, error: Unreachable, asked_at: float, wait: float | None
    ) -> bool:
        """It faltered. `wait` is what it asked for, in seconds. Returns whether it is given up.

        Several connections that break together are one failure.
        """
        mirror.error = error
        if asked_at < mirror.last_failure:
            return False
        now = self._clock()
        mirror.last_failure = now
        mirror.failures += 1
        most = self.patience.attempts if mirror.gave.total else self.patience.opening
        if mirror.failures >= most or (wait or 0.0) > self.patience.obeyed:
            return self.give_up(mirror, error)
        mirror.ready_at = now + (self.patience.wait(mirror.failures) if wait is None else wait)
        return False

    def give_up(self, mirror: Mirror, error: FreeholdError) -> bool:
        """Ask it no more. Returns whether it was still in use."""
        was_alive = not mirror.given_up
        mirror.given_up, mirror.error = True, error
        return was_alive

    def final_error(self) -> FreeholdError:
        """Why nothing can be had any more, once every address is given up."""
        errors = [mirror.error for mirror in self.all if mirror.error is not None]
        if not errors:
            return SourceError("There is no address to fetch this from.")
        if len(errors) == 1:
            return errors[0]
        kinds = {type(error) for error in errors}
        kind = kinds.pop() if len(kinds) == 1 else Unreachable
        told = " ".join(error.message for error in errors)
        return kind(
            f"None of the {len(self.all)} addresses could give it. {told}",
            "What was fetched so far is kept: run the same command again later.",
        )
