"""One model opened up for the page that looks inside, beside those that answer.

It is kept while somebody looks, within a bound of memory, and let go when nobody has for a while or
when a model that is to answer needs the room. One look is taken at a time, in a thread; whoever
hangs up ends theirs at its next step. It does not know what is looked at: see `web.study_looks`.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from freehold.actions.residency import Resident, does_not_fit, room
from freehold.device.memory import memory
from freehold.errors import FreeholdError
from freehold.server.watched import Watched

if TYPE_CHECKING:
    from collections.abc import Callable

    from freehold.actions.residence import Residence
    from freehold.device.memory import Memory
    from freehold.progress import Progress
    from freehold.store.libraries import Found
    from freehold.study.subject import Subject

T = TypeVar("T")

_MOST = 2 << 30
"""Bytes of weights that stay dequantized."""
_LEAST = 400 << 20
"""Bytes that a look takes beside them."""
_IDLE_SECONDS = 120.0
_RUNS = 4


@dataclass
class Bench:
    """A model and the latest runs of it, for as long as they are kept."""

    model: str
    """Its id."""
    subject: Subject
    runs: OrderedDict[str, Any] = field(default_factory=OrderedDict)

    def keep(self, name: str, run: Any) -> None:
        """One more run; the oldest goes."""
        self.runs[name] = run
        while len(self.runs) > _RUNS:
            self.runs.popitem(last=False)


class Studio:
    """Use it from one event loop."""

    def __init__(
        self,
        residence: Residence,
        measure: Callable[[], Memory] = memory,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._residence = residence
        self._measure = measure
        self._idle_seconds = idle_seconds
        self._lock = asyncio.Lock()
        self._bench: Bench | None = None
        self._rest: asyncio.TimerHandle | None = None
        self._going: set[asyncio.Task[bool]] = set()
        residence.guest = self.let_go

    @property
    def model(self) -> str | None:
        """The id of the model that is open."""
        return None if self._bench is None else self._bench.model

    async def take(self, found: Found, look: Callable[[Bench, Progress], T]) -> T:
        """One look at a model. Raises what it raises, and NotEnoughMemory."""
        async with self._lock:
            if self._rest is not None:
                self._rest.cancel()
            residents = [each.resident() for each in self._residence.models]
            watched = Watched()
            work = asyncio.to_thread(self._take, found, look, residents, watched)
            task = asyncio.create_task(work)
            try:
                return await asyncio.shield(task)
            finally:
                watched.abandon()
                if not task.done():  # it ends at its next step; until then the model is in use
                    await asyncio.wait({task})
                    task.exception()  # nobody waits for what it says
                self._rest = asyncio.get_running_loop().call_later(self._idle_seconds, self._tire)

    async def let_go(self) -> bool:
        """Close the model, unless it is being looked at. Says whether there was one to close."""
        if self._bench is None or self._lock.locked():
            return False
        async with self._lock:
            await asyncio.to_thread(self._close)
        return True

    async def close(self) -> None:
        """Close the model, after the look that is being taken."""
        if self._rest is not None:
            self._rest.cancel()
        async with self._lock:
            await asyncio.to_thread(self._close)

    def _tire(self) -> None:
        task = asyncio.get_running_loop().create_task(self.let_go())
        self._going.add(task)
        task.add_done_callback(self._going.discard)

    def _take(
        self,
        found: Found,
        look: Callable[[Bench, Progress], T],
        residents: list[Resident],
        watched: Watched,
    ) -> T:
        if self._bench is None or self._bench.model != found.model.id:
            self._close()
            self._bench = self._opened(found, residents)
        try:
            return look(self._bench, watched)
        except FreeholdError as error:  # who looks is told the model, not where its file lies
            file = str(self._bench.subject.path)
            error.message = error.message.replace(file, found.model.name)
            raise

    def _opened(self, found: Found, residents: list[Resident]) -> Bench:
        """Open a model with as much of its weights kept as there is room for."""
        from freehold.actions.open_subject import subject_of

        free = self._measure()
        spare = room(free.available, residents)
        if spare < _LEAST:
            name = f"A look into {found.model.name}"
            raise does_not_fit(name, _LEAST, free.available, free.total, residents)
        subject = subject_of(found, cache_bytes=min(_MOST, (spare - _LEAST) // 2))
        return Bench(found.model.id, subject)

    def _close(self) -> None:
        bench, self._bench = self._bench, None
        if bench is not None:
            bench.subject.close()
