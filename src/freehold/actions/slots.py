"""The places in which one loaded model answers: who has which, who waits, who comes next.

First come, first served, and no longer a queue than was agreed. A request goes to the free place
whose last conversation it continues, so that the engine need not read it all again; else to the
one that was left longest ago. It doesn't know engines.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from freehold.errors import TooBusy


@dataclass(frozen=True)
class Claim:
    """Who asks for a place, and for what."""

    owner: str = ""
    """Whose request it is: places are not continued across owners."""
    turns: tuple[object, ...] = ()
    """What will be in the place: the parts of a conversation, comparable."""


@dataclass
class Slot:
    """One place."""

    index: int
    last: Claim = Claim()
    """What was in it last."""
    left_at: int = 0
    """When it was left, in places taken since the start."""
    tokens: int = 0
    """What it held after its last whole answer."""
    unsaved: int = 0
    """Tokens in it that are worth keeping and are not kept on disk yet."""

    def in_common(self, claim: Claim) -> int:
        """How many first turns of `claim` are in it already."""
        if claim.owner != self.last.owner:
            return 0
        count = 0
        for ours, theirs in zip(self.last.turns, claim.turns, strict=False):
            if ours != theirs:
                break
            count += 1
        return count

    def may_reuse(self, claim: Claim) -> bool:
        """Whether what is in it may be read on: not when it is another owner's."""
        return claim.owner == self.last.owner


class Slots:
    """All places of one model."""

    def __init__(self, count: int, longest_queue: int) -> None:
        self.count = count
        self._free = [Slot(index) for index in range(count)]
        self._waiting: deque[asyncio.Future[None]] = deque()
        self._longest = longest_queue
        self._turn = 0

    @property
    def busy(self) -> int:
        """How many places are taken."""
        return self.count - len(self._free)

    @property
    def waiting(self) -> int:
        """How many requests wait for a place."""
        return len(self._waiting)

    @property
    def free(self) -> tuple[Slot, ...]:
        """The places that nobody has now."""
        return tuple(self._free)

    @asynccontextmanager
    async def hold(self, slot: Slot) -> AsyncIterator[bool]:
        """Keep a free place from being taken; False when somebody has it."""
        if slot not in self._free or self._called() >= len(self._free):
            yield False
            return
        self._free.remove(slot)
        try:
            yield True
        finally:
            self._free.append(slot)
            self._call_next()

    @asynccontextmanager
    async def take(self, claim: Claim) -> AsyncIterator[Slot]:
        """A place for one request. Raises TooBusy when the queue is full."""
        await self._wait()
        slot = max(self._free, key=lambda free: (free.in_common(claim), -free.left_at))
        self._free.remove(slot)
        try:
            yield slot
        finally:
            self._turn += 1
            slot.last, slot.left_at = claim, self._turn
            self._free.append(slot)
            self._call_next()

    async def _wait(self) -> None:
        if len(self._free) > self._called():
            return
        if len(self._waiting) >= self._longest:
            raise TooBusy(
                f"{self.busy} requests are being answered and {self.waiting} wait already.",
                "Try again in a moment.",
            )
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._waiting.remove(turn)
            self._call_next()  # it may have been our turn, and we don't want it any more
            raise
        self._waiting.remove(turn)

    def _called(self) -> int:
        """How many of those who wait have been called and are on their way."""
        return sum(1 for turn in self._waiting if turn.done())

    def _call_next(self) -> None:
        for turn in self._waiting:
            if self._called() >= len(self._free):
                return
            if not turn.done():
                turn.set_result(None)
