"""Going on with a conversation where it was left, in memory or on disk; and leaving it so.

A state is written when its place is idle for a moment, when another conversation takes the place,
and when the model is unloaded. Short ones are not worth it: they are read again as quickly.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from freehold.actions.slots import Claim
from freehold.errors import EngineError, StorageError

if TYPE_CHECKING:
    from freehold.actions.conversations import Conversations, KeptState
    from freehold.actions.loaded import Loaded
    from freehold.actions.slots import Slot
    from freehold.progress import Progress

WORTH_KEEPING = 256
"""Tokens. A laptop reads fewer in about a second."""
_IDLE_SECONDS = 2.0


class Recalling:
    """Keeps and recalls the states of every place of every model."""

    def __init__(
        self,
        conversations: Conversations,
        progress: Progress,
        idle_seconds: float = _IDLE_SECONDS,
    ) -> None:
        self._kept = conversations
        self._progress = progress
        self._idle = idle_seconds
        self._soon: set[asyncio.Task[None]] = set()

    async def begin(self, loaded: Loaded, slot: Slot, claim: Claim, *, fresh: bool) -> None:
        """Before a request: save what it would overwrite, and recall what it goes on from."""
        here = slot.in_common(claim)
        if here < len(slot.last.turns):
            await self._keep(loaded, slot)
        slot.unsaved = 0
        if fresh:
            return
        found = self._kept.find(_identity(loaded, claim.owner), claim.turns, here)
        if found is not None and await self._recall(loaded, slot, found):
            slot.last = Claim(claim.owner, claim.turns[: found.turns])

    def end(self, loaded: Loaded, slot: Slot) -> None:
        """After an answer: what the place holds now is to be kept, if nobody wants the place."""
        slot.unsaved = slot.tokens if slot.tokens >= WORTH_KEEPING else 0
        if slot.unsaved:
            task = asyncio.create_task(self._keep_soon(loaded, slot))
            self._soon.add(task)
            task.add_done_callback(self._soon.discard)

    async def keep_all(self, loaded: Loaded) -> None:
        """Before a model is unloaded."""
        if loaded.loading or loaded.dead():
            return
        for slot in loaded.slots.free:
            await self._keep(loaded, slot)

    async def _keep_soon(self, loaded: Loaded, slot: Slot) -> None:
        await asyncio.sleep(self._idle)
        if slot.unsaved and not loaded.dead():
            async with loaded.slots.hold(slot) as held:
                if held:
                    await self._keep(loaded, slot)

    async def _keep(self, loaded: Loaded, slot: Slot) -> None:
        tokens, slot.unsaved = slot.unsaved, 0
        if not tokens or not slot.last.turns:
            return
        *_, name = _chain(loaded, slot.last)
        try:
            written = await loaded.live.keep_state(slot.index, self._kept.being_written(name))
            await asyncio.to_thread(self._kept.keep, name, len(slot.last.turns), written)
        except (EngineError, StorageError) as error:
            # Nothing is lost but time: the conversation is read again when it comes back.
            self._progress.note(f"A conversation's state was not kept: {error.message}")
            with suppress(StorageError):
                self._kept.drop(name)

    async def _recall(self, loaded: Loaded, slot: Slot, state: KeptState) -> bool:
        if not await asyncio.to_thread(self._kept.is_whole, state):
            self._progress.note("A conversation's state was damaged on disk: it is read again.")
            return False
        try:
            await loaded.live.recall_state(slot.index, self._kept.path(state.name).name)
        except EngineError as error:
            self._progress.note(f"A conversation's state cannot be used: {error.message}")
            self._kept.drop(state.name)
            return False
        return True


def _chain(loaded: Loaded, claim: Claim) -> list[str]:
    from freehold.actions.conversations import chain

    return list(chain(_identity(loaded, claim.owner), claim.turns))


def _identity(loaded: Loaded, owner: str) -> tuple[str, ...]:
    """What must be the same for a state to be of use, beside the turns."""
    plan = loaded.plan
    return (
        owner,
        loaded.owned.id,
        loaded.engine_words,
        plan.key_type,
        plan.value_type,
        str(plan.flash_attention),
        plan.chat_template or "",
    )
