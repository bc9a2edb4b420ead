"""Getting a model in the background, while whoever asked watches and may turn away.

The work is `actions.get` in a thread. Turning away ends it at its next step; what has been fetched
stays, and the next attempt goes on from there.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.actions.fetching import fetching
from freehold.actions.get import get
from freehold.errors import FreeholdError
from freehold.settings import Settings
from freehold.store.store import Store

if TYPE_CHECKING:
    from freehold.names import ModelRef
    from freehold.server.desk import Desk
    from freehold.sources.interface import Offer

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
        self._digests: dict[str, str] = {}
        self._over = False

    def abandon(self) -> None:
        """Let the work end at its next step."""
        self._over = True

    def told(self, offer: Offer) -> None:
        """What is going to be fetched."""
        for file in offer.files:
            if file.sha256 is not None and all(piece.member is None for piece in file.pieces):
                self._digests[fetching(file.name)] = str(file.sha256)

    def news(self) -> list[Step]:
        """Whatever changed since this was last asked."""
        with self._lock:
            changed = [step for label, step in self._steps.items() if label in self._changed]
            self._changed.clear()
        return changed

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[_WatchedTask]:
        """See `Progress`."""
        self.put(Step(label, 0, total, self._digests.get(label)))
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


async def pull(desk: Desk, ref: ModelRef, name: str | None = None) -> AsyncGenerator[Step, None]:
    """Own what is at `ref`, and tell how it goes. Raises what `get` raises."""
    watched = Watched()
    home = desk.residence.libraries.store().home
    work = asyncio.create_task(asyncio.to_thread(_get, home, ref, name, watched))
    async with aclosing(following(watched, work)) as steps:
        async for step in steps:
            yield step
    await work
    desk.residence.forget_names()


def _get(home: Path, ref: ModelRef, name: str | None, watched: Watched) -> None:
    settings = replace(Settings.load(), home=home)
    with Store.open(home, watched) as store:
        get(store, settings, ref, name=name, progress=watched, told=watched.told)
