"""How long a model stays in memory: as its owner says, or as was asked since the server started."""

from __future__ import annotations

import math
import time
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.actions.residency import idle_ones

if TYPE_CHECKING:
    from freehold.actions.loaded import Loaded


class Stays:
    """Knows it of every model, in memory or not."""

    def __init__(self, idle_seconds: float | None, pinned: tuple[str, ...]) -> None:
        """`idle_seconds` and names that are pinned, beside those that the store has pinned."""
        self._idle_seconds = idle_seconds
        self._pinned = pinned
        self._asked: dict[str, float | None] = {}

    def keep(self, loaded: Loaded, seconds: float | None) -> None:
        """Keep it in memory for so long after its last use; infinity pins it until the server ends.

        None: as long as any other.
        """
        self._asked[loaded.key.id] = seconds
        self.settle(loaded)

    def pin(self, loaded: Loaded, *, pinned: bool) -> None:
        """Its owner has pinned it in the store, or does so no longer."""
        loaded.owned = replace(loaded.owned, pinned=pinned)
        self.settle(loaded)

    def settle(self, loaded: Loaded) -> None:
        """Tell it what holds for it."""
        owned, asked = loaded.owned, self._asked.get(loaded.key.id)
        always = asked == math.inf
        loaded.pinned = owned.pinned or owned.name in self._pinned or always
        loaded.idle_seconds = None if always else asked

    def seconds_left(self, loaded: Loaded) -> float | None:
        """Until it is unloaded if nobody uses it; None: that will not happen."""
        patience = self._patience(loaded)
        if loaded.pinned or patience is None:
            return None
        return max(0.0, loaded.last_used + patience - time.monotonic())

    def is_over(self, loaded: Loaded) -> bool:
        """Whether nobody has used it for so long and it may go."""
        patience = self._patience(loaded)
        return patience is not None and bool(
            idle_ones([loaded.resident()], time.monotonic(), patience)
        )

    def _patience(self, loaded: Loaded) -> float | None:
        return self._idle_seconds if loaded.idle_seconds is None else loaded.idle_seconds
