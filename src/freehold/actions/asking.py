"""Which model and what beside it a name means, looked up at most once a second.

Requests that come together wait for one look: sixteen at once would else look sixteen times.
"""

from __future__ import annotations

import asyncio
import time
from functools import partial
from typing import TYPE_CHECKING, Generic, TypeVar

from freehold.actions.additions import NOTHING, Additions
from freehold.actions.asked import Asked, resolve, split_name

if TYPE_CHECKING:
    from freehold.progress import Progress
    from freehold.store.libraries import Found, Libraries

_FRESH_SECONDS = 1.0
_MOST = 1000


K = TypeVar("K")
V = TypeVar("V")


class _Fresh(Generic[K, V]):
    """What was found, for as long as it is taken to be so still."""

    def __init__(self) -> None:
        self._found: dict[K, tuple[float, V]] = {}

    def get(self, key: K) -> V | None:
        known = self._found.get(key)
        return known[1] if known and time.monotonic() - known[0] < _FRESH_SECONDS else None

    def put(self, key: K, value: V) -> None:
        if len(self._found) > _MOST:
            self._found.clear()
        self._found[key] = time.monotonic(), value

    def clear(self) -> None:
        self._found.clear()


class Asking:
    """Looks names up for a server. Use it from one event loop."""

    def __init__(self, libraries: Libraries, progress: Progress) -> None:
        self._libraries = libraries
        self._progress = progress
        self._found: _Fresh[str, Found] = _Fresh()
        self._looking: dict[str, asyncio.Task[Found]] = {}
        self._resolved: _Fresh[tuple[str, Additions], Asked] = _Fresh()

    async def asked(self, name: str, more: Additions = NOTHING) -> Asked:
        """What a model's name and the adapters beside it mean.

        Raises NotOwned, AmbiguousName, UsageError for what does not fit.
        """
        model, named = split_name(name)
        found = await self.find(model)
        if not named and not more:
            return Asked(found)
        asked = self._resolved.get((name, more))
        if asked is None:
            asked = await asyncio.to_thread(
                resolve, self._libraries, found, named, more, self._progress
            )
            self._resolved.put((name, more), asked)
        return asked

    async def find(self, name: str) -> Found:
        """The owned model of that name."""
        if (known := self._found.get(name)) is not None:
            return known
        look = self._looking.get(name)
        if look is None:
            look = asyncio.create_task(asyncio.to_thread(self._libraries.find, name))
            self._looking[name] = look
            look.add_done_callback(partial(self._looked, name))
        return await asyncio.shield(look)

    def _looked(self, name: str, look: asyncio.Task[Found]) -> None:
        failed = look.cancelled() or look.exception() is not None  # those who waited are told
        if self._looking.get(name) is not look:
            return  # what is owned has changed meanwhile
        del self._looking[name]
        if not failed:
            self._found.put(name, look.result())

    def forget(self) -> None:
        """What is owned has changed: look every name up anew."""
        self._found.clear()
        self._looking.clear()
        self._resolved.clear()
