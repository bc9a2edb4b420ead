"""Anthropic's messages: an answer in blocks of text, thoughts and calls, whole or as events."""

from __future__ import annotations

import json
from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.engine.reply import Delta, Finished, Piece, ToolCallDelta, Usage
from freehold.server.anthropic_read import message_request
from freehold.server.counting import prompt_tokens
from freehold.server.desk import Order
from freehold.server.gathered import Gathered, gather
from freehold.server.identity import new_id
from freehold.server.stream import Stream

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.protocol import Call

_dumps = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_UNKNOWN = Usage(0, 0, 0, 0, 0)


async def messages(call: Call) -> Response | Stream:
    """Answer a conversation, whole or in events."""
    body = call.body
    left_out: dict[str, int] = {}
    order = Order(
        body.needed_text("model"),
        message_request(body),
        call.owner,
        body.flag("truncate"),
        lambda count: left_out.update(truncated_messages=count),
    )
    if body.flag("stream"):
        return Stream(_events(call, order, left_out))
    async with call.desk.answer(order) as answer:
        said = await gather(answer)
    reason, word = _stop(said.end)
    ended = {"content": _content(said), "stop_reason": reason, "stop_sequence": word}
    return JSONResponse(_message(order.model, said.end.usage) | ended | left_out)


async def count_tokens(call: Call) -> Response:
    """How many tokens a conversation is, its tools included; pictures aside."""
    body = call.body
    request = message_request(body, count_only=True)
    count = await prompt_tokens(call.desk, body.needed_text("model"), request)
    return JSONResponse({"input_tokens": count})


def _message(model: str, usage: Usage) -> dict[str, Any]:
    return {
        "id": new_id("msg"),
        "type": "message",
        "role": "assistant",
        "model": model,
        "content": [],
        "stop_reason": None,
        "stop_sequence": None,
        "usage": _usage(usage),
    }


def _usage(usage: Usage) -> dict[str, Any]:
    """As Anthropic counts: the tokens that were kept from before are not among `input_tokens`."""
    return {
        "input_tokens": usage.prompt_tokens - usage.cached_tokens,
        "cache_creation_input_tokens": 0,
        "cache_read_input_tokens": usage.cached_tokens,
        "output_tokens": usage.answer_tokens,
    }


def _stop(end: Finished) -> tuple[str, str | None]:
    if end.stopped_by is not None:
        return "stop_sequence", end.stopped_by
    return {"length": "max_tokens", "tool_calls": "tool_use"}.get(end.reason, "end_turn"), None


def _content(said: Gathered) -> list[dict[str, Any]]:
    blocks: list[dict[str, Any]] = []
    if said.reasoning:
        blocks.append({"type": "thinking", "thinking": said.reasoning, "signature": ""})
    if said.text:
        blocks.append({"type": "text", "text": said.text})
    for call in said.calls:
        given = _input(call.arguments)
        blocks.append({"type": "tool_use", "id": call.id, "name": call.name, "input": given})
    return blocks


def _input(arguments: str) -> dict[str, Any]:
    """A call's arguments. Some were cut off by `max_tokens`: those are told as Anthropic does."""
    try:
        found = json.loads(arguments or "{}")
    except ValueError:
        return {"INVALID_JSON": arguments}
    return found if isinstance(found, dict) else {"INVALID_JSON": arguments}


async def _events(
    call: Call, order: Order, left_out: dict[str, int]
) -> AsyncGenerator[bytes, None]:
    writer = _EventWriter()
    begun = False
    async with call.desk.answer(order) as answer:
        async for pieces in answer:
            events = b""
            if not begun:
                begun = True
                start = {"message": _message(order.model, _UNKNOWN) | left_out}
                events = event("message_start", start) + event("ping", {})
            yield events + b"".join(map(writer.piece, pieces))


class _EventWriter:
    """Writes blocks: one is open at a time, and each kind of piece opens its own."""

    def __init__(self) -> None:
        self._open: object = None
        self._index = -1

    def piece(self, piece: Piece) -> bytes:
        """The events for one piece."""
        if isinstance(piece, Finished):
            return self._close() + _end(piece)
        if isinstance(piece, ToolCallDelta):
            block: dict[str, Any] = {
                "type": "tool_use",
                "id": piece.id,
                "name": piece.name,
                "input": {},
            }
            begin = self._begin(piece.index, block)
            if not piece.arguments:
                return begin
            return begin + self._delta(
                {"type": "input_json_delta", "partial_json": piece.arguments}
            )
        return self._text(piece)

    def _text(self, piece: Delta) -> bytes:
        if piece.reasoning:
            begin = self._begin("thinking", {"type": "thinking", "thinking": "", "signature": ""})
            return begin + self._delta({"type": "thinking_delta", "thinking": piece.text})
        begin = self._begin("text", {"type": "text", "text": ""})
        return begin + self._delta({"type": "text_delta", "text": piece.text})

    def _begin(self, kind: object, block: dict[str, Any]) -> bytes:
        if self._open == kind:
            return b""
        closed = self._close()
        self._open = kind
        self._index += 1
        begun = {"index": self._index, "content_block": block}
        return closed + event("content_block_start", begun)

    def _delta(self, delta: dict[str, Any]) -> bytes:
        return event("content_block_delta", {"index": self._index, "delta": delta})

    def _close(self) -> bytes:
        was, self._open = self._open, None
        if was is None:
            return b""
        signature = self._delta({"type": "signature_delta", "signature": ""})
        stop = event("content_block_stop", {"index": self._index})
        return signature + stop if was == "thinking" else stop


def _end(piece: Finished) -> bytes:
    reason, word = _stop(piece)
    delta = {"stop_reason": reason, "stop_sequence": word}
    told = event("message_delta", {"delta": delta, "usage": _usage(piece.usage)})
    return told + event("message_stop", {})


def event(kind: str, content: dict[str, Any]) -> bytes:
    """One event, which says twice what it is, as this API's clients expect."""
    return f"event: {kind}\ndata: {_dumps({'type': kind} | content)}\n\n".encode()
