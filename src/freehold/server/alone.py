"""Which answers had the machine to themselves: only those say how fast a model is.

What they took is kept as `freehold run` keeps it, in a thread of its own after the answer has been
given, and not more often than is of use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.actions.loaded import Loaded
    from freehold.engine.interface import Usage

Learn = Callable[["Loaded", "Usage"], None]
"""Keeps what one answer took. It is called in a thread, and must not raise."""
_SELDOM_SECONDS = 2.0
"""Between two that are kept: a client that asks without end would fill the memory of runs alone."""


class Alone:
    """Watches what is under way, and has lone answers kept."""

    def __init__(self, learn: Learn | None) -> None:
        self._learn = learn
        self._under_way = 0
        self._begun = 0
        self._next = 0.0
        self._keeping: set[asyncio.Future[None]] = set()

    @contextmanager
    def one(self) -> Iterator[Callable[[], bool]]:
        """For as long as something is computed; says whether nothing else was meanwhile."""
        self._under_way += 1
        self._begun += 1
        first, mine = self._under_way == 1, self._begun
        try:
            yield lambda: first and self._begun == mine
        finally:
            self._under_way -= 1

    def keep(self, loaded: Loaded, usage: Usage) -> None:
        """Have it kept, soon. Takes no time."""
        if self._learn is None or time.monotonic() < self._next:
            return
        self._next = time.monotonic() + _SELDOM_SECONDS
        loop = asyncio.get_running_loop()
        task = loop.run_in_executor(None, self._learn, loaded, usage)
        self._keeping.add(task)
        task.add_done_callback(self._keeping.discard)
