"""Leaving out the oldest turns of a conversation, only where a request asks for it.

A question goes together with what was answered to it, calls and results of tools included. What
the system says and the last question always stay: if those alone do not fit, that is an error as
ever, with both numbers.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.engine.interface import ChatRequest, EmbedRequest, Finished, Message, Piece

if TYPE_CHECKING:
    from freehold.engine.interface import AsyncModel

_USUAL_ANSWER = 512
"""Tokens of room for an answer of no agreed length, at most a quarter of the context."""
_MARKS = 8
"""Tokens that may be added to a text: marks of its beginning and its end."""


async def fitted(live: AsyncModel, context: int, request: ChatRequest) -> tuple[ChatRequest, int]:
    """The request with as few turns left out as it takes, and how many those are."""
    if await _count(live, request) < context:
        return request, 0
    room = context - min(request.sampling.max_tokens or _USUAL_ANSWER, context // 4)
    system, talks = _parts(request.messages)
    least, most = 1, max(1, len(talks) - 1)
    while least < most:
        middle = (least + most) // 2
        if await _count(live, _shorter(request, system, talks[middle:])) <= room:
            most = middle
        else:
            least = middle + 1
    if len(talks) < 2:
        return request, 0
    return _shorter(request, system, talks[least:]), sum(map(len, talks[:least]))


async def telling(
    pieces: AsyncGenerator[Sequence[Piece], None], dropped: int
) -> AsyncGenerator[Sequence[Piece], None]:
    """The same pieces, whose end says how many turns were left out."""
    async with aclosing(pieces):
        async for some in pieces:
            yield [_told(piece, dropped) for piece in some] if dropped else some


def _told(piece: Piece, dropped: int) -> Piece:
    if isinstance(piece, Finished):
        return replace(piece, usage=replace(piece.usage, dropped_turns=dropped))
    return piece


def _parts(turns: tuple[Message, ...]) -> tuple[tuple[Message, ...], list[tuple[Message, ...]]]:
    """What the system says at the beginning, and the questions with all that belongs to each."""
    begin = next((at for at, turn in enumerate(turns) if turn.role != "system"), len(turns))
    talks: list[tuple[Message, ...]] = []
    for turn in turns[begin:]:
        if turn.role == "user" or not talks:
            talks.append((turn,))
        else:
            talks[-1] += (turn,)
    return turns[:begin], talks


def _shorter(
    request: ChatRequest, system: tuple[Message, ...], talks: list[tuple[Message, ...]]
) -> ChatRequest:
    return replace(request, messages=(*system, *(turn for talk in talks for turn in talk)))


async def _count(live: AsyncModel, request: ChatRequest) -> int:
    """Tokens of a conversation, without pictures, and one for the mark that begins a prompt."""
    return len(await live.tokenize(await live.render(request), special=True)) + 1


async def shortened(
    live: AsyncModel, context: int, request: EmbedRequest
) -> tuple[EmbedRequest, int]:
    """Texts for vectors, each cut at its end so that it fits, and how many were."""
    cut, inputs = 0, list(request.inputs)
    for index, text in enumerate(request.inputs):
        ids = list(text) if not isinstance(text, str) else await live.tokenize(text)
        if len(ids) > context - _MARKS:
            inputs[index] = await live.detokenize(ids[: context - _MARKS])
            cut += 1
    return EmbedRequest(tuple(inputs)), cut
