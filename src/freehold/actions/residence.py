"""The models in memory: loaded when they are asked for, unloaded when room is needed or when idle.

The decisions are `residency`'s. Loading and unloading happen in threads, so that answers go on
meanwhile; one decision is made at a time, so that two models are not promised the same memory.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING

from freehold.actions.additions import NOTHING, Additions
from freehold.actions.asked import Asked
from freehold.actions.asking import Asking
from freehold.actions.besides import Besides
from freehold.actions.load import prove
from freehold.actions.loaded import Key, Loaded
from freehold.actions.recalling import Recalling
from freehold.actions.recipe import read_recipe
from freehold.actions.residency import does_not_fit, to_unload
from freehold.actions.stays import Stays
from freehold.actions.ways_to_load import Way, Wishes, ways_to_load
from freehold.device.memory import Memory, memory
from freehold.errors import EngineError, FreeholdError, NotEnoughMemory
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from freehold.actions.conversations import Conversations
    from freehold.actions.slots import Claim, Slot
    from freehold.actions.tuned import Chosen
    from freehold.engine.interface import AsyncModel, Engine, Model
    from freehold.engine.load_plan import Purpose
    from freehold.store.libraries import Found, Libraries
    from freehold.store.model import OwnedModel

_TICK_SECONDS = 1.0


@dataclass(frozen=True)
class ResidenceChoices:
    """What the owner chose, or left open."""

    wishes: Wishes = field(default_factory=Wishes)
    idle_seconds: float | None = 900.0
    """Unload a model that nobody has used for so long; None: never."""
    longest_queue: int = 64
    """Requests that may wait for a place in one model."""
    pinned: tuple[str, ...] = ()
    """Names of models that stay, beside those that are pinned in the store."""


class Residence:
    """All models in memory. Use it from one event loop."""

    def __init__(
        self,
        libraries: Libraries,
        choose: Callable[[OwnedModel], Chosen],
        choices: ResidenceChoices,
        progress: Progress = SILENT,
        measure: Callable[[], Memory] = memory,
        conversations: Conversations | None = None,
    ) -> None:
        """`choose` says which engine runs a model, and what tuning found of it."""
        self._recalling = Recalling(conversations, progress) if conversations else None
        self._states = conversations.folder if conversations else None
        self.conversations = conversations
        self.libraries = libraries
        self.choices = choices
        self._choose = choose
        self._progress = progress
        self._measure = measure
        self._models: dict[Key, Loaded] = {}
        self._arrivals: dict[Key, asyncio.Task[None]] = {}
        self._deciding = asyncio.Lock()
        self._asking = Asking(libraries, progress)
        self._besides = Besides(libraries, progress)
        self.stays = Stays(choices.idle_seconds, choices.pinned)
        self._closed = False
        self.guest: Callable[[], Awaitable[bool]] | None = None
        """What else holds memory: asked to let go where a model does not fit; says if it did."""

    @property
    def models(self) -> list[Loaded]:
        """Every model in memory or on its way, the one loaded first coming first."""
        return list(self._models.values())

    @asynccontextmanager
    async def use(self, name: str | Asked, purpose: Purpose = "answer") -> AsyncIterator[Loaded]:
        """A loaded model for one request; loads it if need be.

        Raises NotOwned, AmbiguousName, DamagedModel, ModelRefused, NotEnoughMemory, WorkerDied.
        """
        asked = name if isinstance(name, Asked) else await self.asked(name)
        needed = Key(asked.found.model.id, purpose, asked.adapter_ids, asked.vector_words)
        while True:
            key = self._known(needed) or await self._to_load(needed, asked)
            if (arrival := self._arrivals.get(key)) is not None:
                await asyncio.shield(arrival)
            loaded = self._models.get(key)
            if loaded is not None and loaded.dead():
                await self.unload(loaded)
            elif loaded is not None and not loaded.loading:
                with loaded.in_use():
                    yield loaded
                return
            elif key not in self._arrivals:
                self._arrivals[key] = asyncio.create_task(self._bring(key, asked))
                self._arrivals[key].add_done_callback(partial(self._arrived, key))

    async def asked(self, name: str, more: Additions = NOTHING) -> Asked:
        """What a model's name and the adapters beside it mean. See `Asking.asked`."""
        return await self._asking.asked(name, more)

    async def find(self, name: str) -> Found:
        """The owned model of that name, looked up at most once a second."""
        return await self._asking.find(name)

    def forget_names(self) -> None:
        """What is owned has changed: look every name up anew."""
        self._asking.forget()

    async def unload(self, loaded: Loaded) -> None:
        """End a model's process and forget it."""
        if self._models.get(loaded.key) is loaded:
            del self._models[loaded.key]
        if self._recalling is not None:
            await self._recalling.keep_all(loaded)
        loaded.leave_loop()
        await asyncio.to_thread(loaded.close)

    @asynccontextmanager
    async def place(self, loaded: Loaded, claim: Claim, *, fresh: bool) -> AsyncIterator[Slot]:
        """A place in a model for one answer, with as much of the conversation in it as is known.

        Set `Slot.tokens` to what it holds once the answer is whole. A `fresh` one is to be read
        from its beginning. Raises TooBusy.
        """
        async with loaded.slots.take(claim) as slot:
            slot.tokens = 0
            if self._recalling is not None and loaded.key.purpose == "answer":
                await self._recalling.begin(loaded, slot, claim, fresh=fresh)
            yield slot
        if self._recalling is not None:
            self._recalling.end(loaded, slot)

    async def keep_house(self) -> None:
        """Load what is pinned by name, then unload what is idle, for as long as this runs."""
        for name in self.choices.pinned:
            try:
                async with self.use(name):
                    pass
            except FreeholdError as error:
                self._progress.note(f"{name} is pinned and could not be loaded: {error}")
        while True:
            await asyncio.sleep(_TICK_SECONDS)
            await self.unload_idle()

    async def unload_idle(self) -> None:
        """Unload the models that nobody has used for as long as the owner chose."""
        for each in self.models:
            if self.stays.is_over(each):
                self._progress.note(f"{each.name} was not used for a while: unloaded.")
                await self.unload(each)

    async def close(self) -> None:
        """Unload everything."""
        self._closed = True
        for each in self.models:
            if each.loading:  # nobody will use it: it need not arrive
                await asyncio.to_thread(each.close)
        for task in list(self._arrivals.values()):
            with suppress(FreeholdError):
                await task
        for each in self.models:
            await self.unload(each)

    def _known(self, needed: Key) -> Key | None:
        """What is in memory, or on its way, and will do."""
        return next((key for key in (*self._models, *self._arrivals) if key.serves(needed)), None)

    async def _to_load(self, needed: Key, asked: Asked) -> Key:
        """What to load. What is in memory with fewer adapters, and not in use, goes: this does all
        that it did.
        """
        needed = await self._besides.to_load(needed, asked)
        for each in self.models:
            if needed.serves(each.key) and not each.users and not each.loading:
                await self.unload(each)
        return self._known(needed) or needed

    async def _bring(self, key: Key, asked: Asked) -> None:
        """Make room and load; whoever asks for the same meanwhile waits for it too."""
        found = asked.found
        chosen, ways = await asyncio.to_thread(self._prepare, key, found)
        async with self._deciding:
            if self._closed:
                raise EngineError("The server is stopping.")
            loaded, going = await self._decided(key, found, ways, chosen.engine)
            self._models[key] = loaded
            for each in going:
                self._progress.note(f"{each.name} makes room for {loaded.name}: unloaded.")
                await self.unload(each)
        try:
            loaded.coming = await asyncio.to_thread(chosen.engine.start, loaded.plan)
            model = await asyncio.to_thread(loaded.coming.wait)
            loaded.recipe = await asyncio.to_thread(read_recipe, found.store, found.model)
            loaded.arrived(model, await _for_this_loop(model), self.choices.longest_queue)
        except BaseException:
            self._models.pop(key, None)
            raise
        await asyncio.to_thread(found.store.mark_used, found.model)

    def _arrived(self, key: Key, task: asyncio.Task[None]) -> None:
        del self._arrivals[key]
        if not task.cancelled():
            task.exception()  # those who waited have it; nobody may be left to

    def _prepare(self, key: Key, found: Found) -> tuple[Chosen, list[Way]]:
        """Prove it and see what it needs. Takes its time. Raises DamagedModel, ModelRefused."""
        prove(found.store, found.model, self._progress)
        chosen = self._choose(found.model)
        ways = ways_to_load(found, key.purpose, self.choices.wishes, chosen.plan)
        return chosen, [self._besides.on(key, way) for way in ways]

    async def _decided(
        self, key: Key, found: Found, ways: list[Way], engine: Engine
    ) -> tuple[Loaded, list[Loaded]]:
        try:
            return self._decide(key, found, ways, engine)
        except NotEnoughMemory:
            if self.guest is None or not await self.guest():
                raise
            return self._decide(key, found, ways, engine)

    def _decide(
        self, key: Key, found: Found, ways: list[Way], engine: Engine
    ) -> tuple[Loaded, list[Loaded]]:
        """How to load it, and what to unload for it. Raises NotEnoughMemory."""
        free = self._measure()
        models = self.models
        residents = [each.resident() for each in models]
        for way in ways:
            going = to_unload(way.need, free.available, residents)
            if going is not None:
                plan = replace(way.plan, states=self._states)
                loaded = Loaded(key, found.model, plan, way.need, engine)
                self.stays.settle(loaded)
                return loaded, [
                    each
                    for each, state in zip(models, residents, strict=True)
                    if any(state is one for one in going)
                ]
        least = ways[-1]
        name = f"{found.model.name} with a context of {least.plan.context:,} tokens"
        raise does_not_fit(name, least.need, free.available, free.total, residents)


async def _for_this_loop(model: Model) -> AsyncModel:
    try:
        return await asyncio.to_thread(model.asynchronous)
    except BaseException:  # it answers nobody: nobody would end it
        await asyncio.to_thread(model.close)
        raise
