"""Work in a thread that somebody watches, and may turn away from.

The work reports to `Watched` as to any `Progress`. Turning away ends it at its next step.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from freehold.errors import FreeholdError

_OFTEN = 0.1  # seconds between two looks at how far it is


@dataclass(frozen=True)
class Step:
    """How far one part of the work is: `done` of `total`, or a remark."""

    label: str
    done: int = 0
    total: int | None = None
    digest: str | None = None
    """The SHA-256 of the file that is being fetched, where the source names it."""


class Abandoned(FreeholdError):
    """Nobody waits for this any more."""

    def __init__(self) -> None:
        super().__init__("Stopped before it was whole.", "Asking again goes on from there.")


class Watched:
    """A `Progress` that another thread can look at, and end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._steps: dict[str, Step] = {}
        self._changed: set[str] = set()
        self._over = False
        self.digests: dict[str, str] = {}
        """The SHA-256 of what a step fetches, by its label, where it is known before."""

    def abandon(self) -> None:
        """Let the work end at its next step."""
        self._over = True

    def news(self) -> list[Step]:
        """Whatever changed since this was last asked."""
        with self._lock:
            changed = [step for label, step in self._steps.items() if label in self._changed]
            self._changed.clear()
        return changed

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[_WatchedTask]:
        """See `Progress`."""
        self.put(Step(label, 0, total, self.digests.get(label)))
        yield _WatchedTask(self, label)

    def note(self, text: str) -> None:
        """See `Progress`."""
        self.put(Step(text))

    def put(self, step: Step) -> None:
        """One step is at another point. Raises Abandoned."""
        if self._over:
            raise Abandoned
        with self._lock:
            self._steps[step.label] = step
            self._changed.add(step.label)

    def step(self, label: str) -> Step:
        """How far it is."""
        return self._steps[label]


class _WatchedTask:
    def __init__(self, watched: Watched, label: str) -> None:
        self._watched, self._label = watched, label

    def advance(self, amount: int) -> None:
        step = self._watched.step(self._label)
        self._watched.put(replace(step, done=step.done + amount))

    def total(self, amount: int) -> None:
        self._watched.put(replace(self._watched.step(self._label), total=amount))


async def following(watched: Watched, work: asyncio.Task[Any]) -> AsyncGenerator[Step, None]:
    """How far `work` is, until it is done; closing this before ends the work at its next step."""
    try:
        while not work.done():
            await asyncio.wait({work}, timeout=_OFTEN)
            for step in watched.news():
                yield step
    finally:
        watched.abandon()
        if not work.done():
            work.add_done_callback(lambda task: task.cancelled() or task.exception())
