"""Where every protocol's requests come together: a model, a place in it, an answer.

It knows models and answers; it doesn't know protocols.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.actions.additions import NOTHING, Additions
from freehold.actions.slots import Claim
from freehold.engine.interface import (
    AsyncAnswer,
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
from freehold.errors import ContextExceeded, ModelRefused, UsageError
from freehold.server.alone import Alone
from freehold.server.identity import new_id
from freehold.server.metrics import Metrics
from freehold.server.problem import Stopping
from freehold.server.remembered import Remembered
from freehold.server.shortening import shortened
from freehold.server.studio import Studio

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Sequence

    from freehold.actions.loaded import Loaded
    from freehold.actions.residence import Residence
    from freehold.actions.slots import Slot
    from freehold.engine.load_plan import Purpose
    from freehold.server.alone import Learn

_LARGEST_BODY = 64_000_000
_STOPPING = "the server is stopping"


def _tell_nobody(_: int) -> None:
    """For those who did not ask for it."""


@dataclass(frozen=True)
class Order:
    """What every protocol's request becomes."""

    model: str
    request: ChatRequest | TextRequest
    owner: str = ""
    """Whose it is: the id of a key. What one owner said is not read on for another."""
    truncate: bool = False
    """Leave the oldest turns out where all do not fit, rather than refuse."""
    told: Callable[[int], None] = _tell_nobody
    """Called with the number of turns that were left out, before the first piece."""
    additions: Additions = NOTHING
    """Adapters and control vectors, besides those that the model's name has."""


class Desk:
    """Takes orders for the models in memory."""

    def __init__(
        self,
        residence: Residence,
        largest_body: int = _LARGEST_BODY,
        learn: Learn | None = None,
    ) -> None:
        """`learn` keeps what an answer took that had the machine to itself."""
        self.residence = residence
        self._alone = Alone(learn)
        self.metrics = Metrics()
        self.remembered = Remembered()
        self.studio = Studio(residence)
        self.largest_body = largest_body
        """Bytes of a request at most."""
        self.instance = new_id("server")
        """Which server this is: a name that no other has."""
        self.addresses: tuple[str, ...] = ()
        """Where it can be reached, for its owner to see."""
        self._calls: set[asyncio.Task[object]] = set()
        self._stopping = False

    @asynccontextmanager
    async def answer(self, order: Order) -> AsyncIterator[AsyncGenerator[Sequence[Piece], None]]:
        """The pieces of an answer, as many at a time as have come. Leaving stops the work on it."""
        asked = await self.residence.asked(order.model, order.additions)
        async with self.residence.use(asked) as loaded:
            request = loaded.recipe.applied(order.request)
            request = replace(request, scales=asked.scales(loaded.plan))
            if isinstance(request, ChatRequest) and request.images:
                _must_see(loaded)
            if isinstance(request, TextRequest):
                _must_be_tokens(loaded, request.prompt)
            turns = request.messages if isinstance(request, ChatRequest) else (request.prompt,)
            claim = Claim(order.owner + asked.mark, turns)  # numbers read with it serve it alone
            fresh = request.sampling.seed is not None
            async with self.residence.place(loaded, claim, fresh=fresh) as slot:
                place = Place(slot.index, slot.may_reuse(claim))
                placed = replace(request, place=place)
                pieces = self._pieces(loaded, slot, replace(order, request=placed))
                async with aclosing(pieces):
                    yield pieces

    async def _pieces(
        self, loaded: Loaded, slot: Slot, order: Order
    ) -> AsyncGenerator[Sequence[Piece], None]:
        with self._alone.one() as was_alone:
            answer, pieces = await _begun(loaded, order)
            try:
                while True:
                    if isinstance(pieces[-1], Finished):
                        usage = pieces[-1].usage
                        slot.tokens = usage.prompt_tokens + usage.answer_tokens
                        self.metrics.count(usage)
                        if was_alone():
                            self._alone.keep(loaded, usage)
                    yield pieces
                    pieces = await anext(answer)
            except StopAsyncIteration:
                return
            finally:
                answer.close()

    async def embed(self, model: str, request: EmbedRequest, owner: str = "") -> Embeddings:
        """Vectors for texts."""
        async with self._place(model, "embed", owner) as loaded:
            for each in request.inputs:
                _must_be_tokens(loaded, each)
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
            with self._alone.one():
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


def _must_see(loaded: Loaded) -> None:
    """Raise ModelRefused unless pictures can be shown to it."""
    if not loaded.facts.sees:
        raise ModelRefused(
            f"{loaded.name} cannot see pictures: only text can be sent to it.",
            "Use a model that comes with a projector.",
        )


def _must_be_tokens(loaded: Loaded, prompt: str | tuple[int, ...]) -> None:
    """Raise UsageError for ids that the model has no tokens for: an engine may not survive them."""
    if isinstance(prompt, str):
        return
    vocabulary = loaded.facts.vocabulary
    if any(not 0 <= each < vocabulary for each in prompt):
        raise UsageError(f"The ids of {loaded.name}'s tokens lie between 0 and {vocabulary - 1}.")


async def _begun(loaded: Loaded, order: Order) -> tuple[AsyncAnswer, Sequence[Piece]]:
    """An answer and its first pieces; of a shorter conversation where that was asked for."""
    request, left_out = order.request, 0
    while True:
        if isinstance(request, ChatRequest):
            answer = loaded.live.chat(request)
        else:
            answer = loaded.live.complete(request)
        try:
            pieces = await anext(answer)
        except ContextExceeded as error:
            if not order.truncate or not isinstance(request, ChatRequest):
                raise
            if (turns := shortened(request, error)) is None:
                raise
            left_out += len(request.messages) - len(turns)
            request = replace(request, messages=turns)
            continue
        if left_out:
            order.told(left_out)
        return answer, pieces


def is_stopping(error: asyncio.CancelledError) -> bool:
    """Whether a call was ended by `Desk.stop`."""
    return _STOPPING in error.args
