"""What is loaded beside the models in memory: which adapters go with one, and where they are."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.actions.asked import made_for, silent
from freehold.actions.ways_to_load import Way
from freehold.engine.load_plan import Addition

if TYPE_CHECKING:
    from freehold.actions.additions import Beside
    from freehold.actions.asked import Asked
    from freehold.actions.loaded import Key
    from freehold.progress import Progress
    from freehold.store.libraries import Libraries


class Besides:
    """Finds the files for the ids that a `Key` has. Use it from one event loop."""

    def __init__(self, libraries: Libraries, progress: Progress) -> None:
        self._libraries = libraries
        self._progress = progress
        self._files: dict[str, Beside] = {}

    async def to_load(self, needed: Key, asked: Asked) -> Key:
        """With every adapter that was made for these weights, if it is to answer."""
        if needed.purpose == "answer":
            mine = await asyncio.to_thread(made_for, self._libraries, asked.found, self._progress)
            self._files.update({each.id: each for each in mine})
            needed = replace(needed, adapters=needed.adapters | {each.id for each in mine})
        self._files.update({each.id: each for each, _ in (*asked.adapters, *asked.vectors)})
        return needed

    def on(self, key: Key, way: Way) -> Way:
        """A way to load the model alone, with what is beside it."""
        adapters = [self._files[each] for each in sorted(key.adapters)]
        vectors = [(self._files[each], scale) for each, scale in key.vectors]
        plan = replace(
            way.plan,
            adapters=silent(adapters),
            vectors=tuple(Addition(each.path, scale) for each, scale in vectors),
        )
        more = sum(each.size for each in (*adapters, *(each for each, _ in vectors)))
        return Way(plan, way.need + more)
