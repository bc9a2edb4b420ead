"""One model in memory: its process, its places, who uses it and since when nobody has."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.actions.recipe import Recipe
from freehold.actions.residency import Resident
from freehold.actions.slots import Slots

if TYPE_CHECKING:
    from freehold.engine.interface import AsyncModel, Engine, Loading, LoadPlan, Model, ModelFacts
    from freehold.engine.load_plan import Purpose
    from freehold.store.model import OwnedModel


@dataclass(frozen=True)
class Key:
    """What is loaded at most once: a model for a purpose, with what is beside it."""

    id: str
    purpose: Purpose
    adapters: frozenset[str] = frozenset()
    """Which are loaded with it. A request uses those that it names."""
    vectors: tuple[tuple[str, float], ...] = ()
    """Control vectors and their scales, which hold for every request."""

    def serves(self, other: Key) -> bool:
        """Whether what `other` stands for can be asked of this."""
        same = replace(other, adapters=self.adapters) == self
        return same and self.adapters >= other.adapters


class Loaded:
    """A model that is loading, or has been."""

    def __init__(
        self, key: Key, owned: OwnedModel, plan: LoadPlan, need: int, engine: Engine
    ) -> None:
        self.key = key
        self.engine = engine
        """What runs it."""
        self.engine_words = f"{engine.name} {engine.fingerprint()}"
        """Which engine that is, with its version."""
        self.owned = owned
        self.plan = plan
        self.need = need
        """Bytes that it was predicted to take."""
        self.recipe = Recipe()
        """What it brings along beside its weights."""
        self.pinned = False
        self.idle_seconds: float | None = None
        """Unload it when nobody used it for so long, whatever holds for other models."""
        self.users = 0
        """Requests that are being answered or wait for a place."""
        self.last_used = time.monotonic()
        self.loaded_at = time.time()
        self.slots = Slots(plan.parallel, 0)
        self.coming: Loading | None = None
        """While it is on its way."""
        self._model: Model | None = None
        self._live: AsyncModel | None = None

    def arrived(self, model: Model, live: AsyncModel, longest_queue: int) -> None:
        """It has been loaded."""
        self._model, self._live = model, live
        self.slots = Slots(self.plan.parallel, longest_queue)

    @property
    def name(self) -> str:
        """What its owner calls it."""
        return self.owned.name

    @property
    def model(self) -> Model:
        """The loaded model."""
        if self._model is None:
            raise RuntimeError(f"{self.name} is used before it is loaded")
        return self._model

    @property
    def live(self) -> AsyncModel:
        """The loaded model, for an event loop."""
        if self._live is None:
            raise RuntimeError(f"{self.name} is used before it is loaded")
        return self._live

    @property
    def facts(self) -> ModelFacts:
        """What the engine says of it."""
        return self.model.facts

    @property
    def loading(self) -> bool:
        """Whether it is still on its way."""
        return self._model is None

    def dead(self) -> bool:
        """Whether its process has ended by itself."""
        return self._model is not None and not self._model.alive()

    def resident(self) -> Resident:
        """What it means for memory, measured now."""
        own = resident = 0
        if self._model is not None:
            held = self._model.memory()
            own, resident = held.own, held.resident
        return Resident(
            name=self.name,
            claimed=max(self.need, resident),
            own=own,
            last_used=self.last_used,
            staying=self._staying(),
        )

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """For as long as a request needs it."""
        self.users += 1
        try:
            yield
        finally:
            self.users -= 1
            self.last_used = time.monotonic()

    def leave_loop(self) -> None:
        """Let go of what the event loop holds of it. Before `close`, which is for a thread."""
        if self._live is not None:
            self._live.close()

    def close(self) -> None:
        """End its process, also while it loads. May take a moment."""
        if self._model is not None:
            self._model.close()
        elif self.coming is not None:
            self.coming.close()

    def _staying(self) -> str | None:
        if self.pinned:
            return "pinned"
        if self.loading:
            return "loading"
        return "busy" if self.users else None
