"""Where every protocol's requests come together: a model, a place in it, an answer.

It knows models and answers; it doesn't know protocols.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.actions.residence import must_see
from freehold.actions.slots import Claim
from freehold.engine.interface import (
    ChatRequest,
    Embeddings,
    EmbedRequest,
    Finished,
    Piece,
    Place,
    Ranking,
    RerankRequest,
    TextRequest,
)
from freehold.server.identity import new_id
from freehold.server.metrics import Metrics
from freehold.server.problem import Stopping
from freehold.server.truncate import fitted, telling

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from freehold.actions.loaded import Loaded
    from freehold.actions.residence import Residence
    from freehold.engine.load_plan import Purpose

_LARGEST_BODY = 64_000_000
_STOPPING = "the server is stopping"


@dataclass(frozen=True)
class Order:
    """What every protocol's request becomes."""

    model: str
    request: ChatRequest | TextRequest
    owner: str = ""
    """Whose it is: the id of a key. What one owner said is not read on for another."""
    truncate: bool = False
    """Leave out the oldest turns if it doesn't fit; else that is an error."""


class Desk:
    """Takes orders for the models in memory."""

    def __init__(self, residence: Residence, largest_body: int = _LARGEST_BODY) -> None:
        self.residence = residence
        self.metrics = Metrics()
        self.largest_body = largest_body
        """Bytes of a request at most."""
        self.instance = new_id("server")
        """Which server this is: a name that no other has."""
        self._calls: set[asyncio.Task[object]] = set()
        self._stopping = False

    @asynccontextmanager
    async def answer(self, order: Order) -> AsyncIterator[AsyncGenerator[Sequence[Piece], None]]:
        """The pieces of an answer, as many at a time as have come. Leaving stops the work on it."""
        async with self.residence.use(order.model) as loaded:
            request, dropped = await _prepared(loaded, order)
            if isinstance(request, ChatRequest) and request.images:
                must_see(loaded)
            turns = request.messages if isinstance(request, ChatRequest) else (request.prompt,)
            claim = Claim(order.owner, turns)
            async with loaded.slots.take(claim) as slot:
                place = Place(slot.index, slot.may_reuse(claim))
                async with aclosing(self._pieces(loaded, replace(request, place=place))) as pieces:
                    yield telling(pieces, dropped) if dropped else pieces

    async def _pieces(
        self, loaded: Loaded, request: ChatRequest | TextRequest
    ) -> AsyncGenerator[Sequence[Piece], None]:
        if isinstance(request, ChatRequest):
            answer = loaded.live.chat(request)
        else:
            answer = loaded.live.complete(request)
        try:
            async for pieces in answer:
                if isinstance(pieces[-1], Finished):
                    self.metrics.count(pieces[-1].usage)
                yield pieces
        finally:
            answer.close()

    async def embed(self, model: str, request: EmbedRequest, owner: str = "") -> Embeddings:
        """Vectors for texts."""
        async with self._place(model, "embed", owner) as loaded:
            return await loaded.live.embed(request)

    async def rerank(self, model: str, request: RerankRequest, owner: str = "") -> Ranking:
        """Scores for documents."""
        async with self._place(model, "rerank", owner) as loaded:
            return await loaded.live.rerank(request)

    @asynccontextmanager
    async def _place(self, model: str, purpose: Purpose, owner: str) -> AsyncIterator[Loaded]:
        async with (
            self.residence.use(model, purpose) as loaded,
            loaded.slots.take(Claim(owner)),
        ):
            yield loaded

    @asynccontextmanager
    async def open_call(self) -> AsyncIterator[None]:
        """For as long as one call is answered, so that stopping can end it properly."""
        if self._stopping:
            raise Stopping
        task = asyncio.current_task()
        if task is not None:
            self._calls.add(task)
        try:
            yield
        except asyncio.CancelledError as error:
            if not is_stopping(error):
                raise
            if task is not None:
                task.uncancel()
            raise Stopping from None
        finally:
            if task is not None:
                self._calls.discard(task)

    def stop(self) -> None:
        """Take no more calls and end those under way, each with an error that says so."""
        self._stopping = True
        for task in self._calls:
            task.cancel(_STOPPING)


async def _prepared(loaded: Loaded, order: Order) -> tuple[ChatRequest | TextRequest, int]:
    """What the model is really asked, and how many turns were left out for that."""
    request = loaded.recipe.applied(order.request)
    if order.truncate and isinstance(request, ChatRequest):
        return await fitted(loaded.live, loaded.facts.context, request)
    return request, 0


def is_stopping(error: asyncio.CancelledError) -> bool:
    """Whether a call was ended by `Desk.stop`."""
    return _STOPPING in error.args
