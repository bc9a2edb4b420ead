"""OpenAI's Responses API. Answers can be referred to for a while; see `remembered`."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import aclosing
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.engine.reply import Finished, Usage
from freehold.server.desk import Order
from freehold.server.identity import new_id
from freehold.server.remembered import Kept
from freehold.server.responses_items import Events, Items
from freehold.server.responses_read import input_turns, response_request, truncates
from freehold.server.stream import Stream

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.engine.request import Message
    from freehold.server.protocol import Call

_ECHOED: dict[str, Any] = {
    "instructions": None,
    "max_output_tokens": None,
    "metadata": {},
    "parallel_tool_calls": True,
    "previous_response_id": None,
    "reasoning": {"effort": None, "summary": None},
    "temperature": None,
    "text": {"format": {"type": "text"}},
    "tool_choice": "auto",
    "tools": [],
    "top_p": None,
    "truncation": "disabled",
    "user": None,
}
"""What an answer says of its request, where that says nothing."""


@dataclass(frozen=True)
class _Work:
    """One answer to be made."""

    order: Order
    document: dict[str, Any]
    """The answer so far; what is still missing is put in."""
    turns: tuple[Message, ...]
    """The conversation before the answer, without its instructions."""
    stored: bool


async def responses(call: Call) -> Response | Stream:
    """Answer items with items, whole or in events."""
    work = _work(call)
    if call.body.flag("stream"):
        return Stream(_events(call, work))
    async with aclosing(_events(call, work)) as events:
        async for _ in events:
            pass
    return JSONResponse(work.document)


async def retrieve_response(call: Call) -> Response:
    """An answer that was given to this key."""
    kept = call.desk.remembered.get(call.owner, call.request.path_params["response"])
    return JSONResponse(kept.document)


async def delete_response(call: Call) -> Response:
    """Forget an answer."""
    name = call.request.path_params["response"]
    call.desk.remembered.forget(call.owner, name)
    return JSONResponse({"id": name, "object": "response", "deleted": True})


def _work(call: Call) -> _Work:
    body = call.body
    model = body.needed_text("model")
    before: tuple[Message, ...] = ()
    if (name := body.text("previous_response_id")) is not None:
        before = call.desk.remembered.get(call.owner, name).turns
    request = response_request(body, before)
    stored = body.flag("store", default=True)
    document: dict[str, Any] = {
        "id": new_id("resp"),
        "object": "response",
        "created_at": int(time.time()),
        "status": "in_progress",
        "error": None,
        "incomplete_details": None,
        "model": model,
        "output": [],
        "store": stored,
        "usage": None,
        **{
            key: usual if body.raw(key) is None else body.raw(key) for key, usual in _ECHOED.items()
        },
    }
    order = Order(
        model,
        request,
        call.owner,
        truncates(body),
        lambda count: document.update(truncated_messages=count),
    )
    return _Work(order, document, (*before, *input_turns(body)), stored)


async def _events(call: Call, work: _Work) -> AsyncGenerator[bytes, None]:
    event = Events()
    items = Items(event)
    document = work.document
    begun = False
    async with call.desk.answer(work.order) as answer:
        async for pieces in answer:
            events = b""
            if not begun:
                begun = True
                for kind in ("created", "in_progress"):
                    events += event(f"response.{kind}", response=document)
            for piece in pieces:
                events += items.piece(piece)
                if isinstance(piece, Finished):
                    _finish(document, items, piece)
                    _remember(call, work, items)
                    events += event(f"response.{document['status']}", response=document)
            yield events


def _finish(document: dict[str, Any], items: Items, end: Finished) -> None:
    cut = end.reason == "length"
    document["status"] = "incomplete" if cut else "completed"
    document["incomplete_details"] = {"reason": "max_output_tokens"} if cut else None
    document["output"] = items.output
    document["usage"] = _usage(end.usage)


def _remember(call: Call, work: _Work, items: Items) -> None:
    if work.stored:
        kept = Kept(work.document, (*work.turns, items.turn()))
        call.desk.remembered.put(call.owner, work.document["id"], kept)


def _usage(usage: Usage) -> dict[str, Any]:
    return {
        "input_tokens": usage.prompt_tokens,
        "input_tokens_details": {"cached_tokens": usage.cached_tokens, "cache_write_tokens": 0},
        "output_tokens": usage.answer_tokens,
        "output_tokens_details": {"reasoning_tokens": 0},
        "total_tokens": usage.prompt_tokens + usage.answer_tokens,
    }
