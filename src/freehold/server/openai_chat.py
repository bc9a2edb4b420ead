"""OpenAI's chat completions."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.engine.reply import (
    Alternative,
    Delta,
    Finished,
    Piece,
    TokenChance,
    ToolCallDelta,
    Usage,
)
from freehold.engine.request import ChatRequest
from freehold.server.desk import Order
from freehold.server.gathered import Gathered
from freehold.server.identity import new_id
from freehold.server.openai_read import MOST_CHOICES, additions, chat_request
from freehold.server.several import several, total
from freehold.server.stream import Stream

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.protocol import Call

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


async def chat_completions(call: Call) -> Response | Stream:
    """Answer a conversation, whole or in pieces."""
    body = call.body
    left_out: dict[str, int] = {}
    orders = _orders(call, lambda count: left_out.update(truncated_messages=count))
    if not body.flag("stream"):
        return await _whole(call, orders, left_out)
    options = body.object("stream_options")
    usage = options is not None and options.flag("include_usage")
    return Stream(_events(call, orders, left_out, usage))


def _orders(call: Call, told: Callable[[int], None]) -> list[Order]:
    """One for each choice that is wanted."""
    truncate = call.body.flag("truncate")
    request = chat_request(call.body)
    model, beside = call.body.needed_text("model"), additions(call.body)
    count = call.body.integer("n", 1, MOST_CHOICES) or 1
    return [
        Order(model, _reseeded(request, index), call.owner, truncate, told, beside)
        for index in range(count)
    ]


def _reseeded(request: ChatRequest, index: int) -> ChatRequest:
    """With a seed, each choice has one of its own: else all would say the same."""
    seed = request.sampling.seed
    if seed is None or index == 0:
        return request
    return replace(request, sampling=replace(request.sampling, seed=(seed + index) % (2**32 - 1)))


async def _whole(call: Call, orders: list[Order], left_out: dict[str, int]) -> Response:
    choices = [Gathered() for _ in orders]
    async with several(call.desk, orders) as answers:
        async for index, pieces in answers:
            for piece in pieces:
                choices[index].add(piece)
    return JSONResponse(
        _frame("chat.completion", orders[0].model)
        | {
            "choices": [_choice(index, choice) for index, choice in enumerate(choices)],
            "usage": usage_of(total([choice.end.usage for choice in choices])),
        }
        | left_out
    )


def _choice(index: int, said: Gathered) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": said.text, "refusal": None}
    if said.reasoning:
        message["reasoning_content"] = said.reasoning
    if said.calls:
        message["content"] = said.text or None
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in said.calls
        ]
    return {
        "index": index,
        "message": message,
        "logprobs": {"content": list(map(_chance, said.chances))} if said.chances else None,
        "finish_reason": said.end.reason,
    }


async def _events(
    call: Call, orders: list[Order], left_out: dict[str, int], usage: bool
) -> AsyncGenerator[bytes, None]:
    frame = _dumps(_frame("chat.completion.chunk", orders[0].model))[:-1]
    writer = _ChunkWriter(frame, usage)
    ends: list[Usage] = []
    async with several(call.desk, orders) as answers:
        begun: set[int] = set()
        async for index, pieces in answers:
            events = b""
            if index not in begun:
                begun.add(index)
                events = writer.chunk(
                    index, _dumps({"role": "assistant", "content": ""} | left_out)
                )
            for piece in pieces:
                events += writer.piece(index, piece)
                if isinstance(piece, Finished):
                    ends.append(piece.usage)
            yield events
    last = b"data: [DONE]\n\n"
    if usage:
        whole = total(ends)
        counted, took = _dumps(usage_of(whole)), _dumps(timings_of(whole))
        last = (
            f'data: {frame},"choices":[],"usage":{counted},"timings":{took}}}\n\n'.encode() + last
        )
    yield last


class _ChunkWriter:
    """Writes chunks as text: most of each is the same, and this is done for every token."""

    def __init__(self, frame: str, usage: bool) -> None:
        self._frame = f'data: {frame},"choices":[{{"index":'
        self._tail = ',"usage":null}\n\n' if usage else "}\n\n"

    def chunk(self, index: int, delta: str, chances: str = "null", reason: str = "null") -> bytes:
        """One event."""
        return (
            f'{self._frame}{index},"delta":{delta},"logprobs":{chances},"finish_reason":{reason}}}]'
            f"{self._tail}"
        ).encode()

    def piece(self, index: int, piece: Piece) -> bytes:
        """The event for one piece."""
        if isinstance(piece, Delta):
            name = "reasoning_content" if piece.reasoning else "content"
            chances = "null"
            if piece.chances:
                chances = _dumps({"content": list(map(_chance, piece.chances))})
            return self.chunk(index, f'{{"{name}":{_dumps(piece.text)}}}', chances)
        if isinstance(piece, ToolCallDelta):
            return self.chunk(index, _dumps({"tool_calls": [_call(piece)]}))
        return self.chunk(index, "{}", reason=f'"{piece.reason}"')


def _call(piece: ToolCallDelta) -> dict[str, Any]:
    if piece.name is None:
        return {"index": piece.index, "function": {"arguments": piece.arguments}}
    return {
        "index": piece.index,
        "id": piece.id,
        "type": "function",
        "function": {"name": piece.name, "arguments": piece.arguments},
    }


def _chance(chance: TokenChance) -> dict[str, Any]:
    return _alternative(chance.chosen) | {"top_logprobs": list(map(_alternative, chance.others))}


def _alternative(each: Alternative) -> dict[str, Any]:
    return {"token": each.token, "logprob": each.logprob, "bytes": list(each.bytes)}


def usage_of(usage: Usage) -> dict[str, Any]:
    """What an answer took, as OpenAI counts it."""
    return {
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.answer_tokens,
        "total_tokens": usage.prompt_tokens + usage.answer_tokens,
        "prompt_tokens_details": {"cached_tokens": usage.cached_tokens},
    }


def timings_of(usage: Usage) -> dict[str, Any]:
    """How long the engine took, in seconds. OpenAI has no such field, and clients skip it."""
    return {"prompt_seconds": usage.prompt_seconds, "answer_seconds": usage.answer_seconds}


def _frame(kind: str, model: str) -> dict[str, Any]:
    return {
        "id": new_id("chatcmpl"),
        "object": kind,
        "created": int(time.time()),
        "model": model,
    }
