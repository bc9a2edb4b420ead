"""OpenAI's completions: texts that are continued."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.engine.reply import Delta, Finished, TokenChance, Usage
from freehold.engine.request import TextRequest
from freehold.server.desk import Order
from freehold.server.gathered import Gathered
from freehold.server.identity import new_id
from freehold.server.openai_chat import usage_of
from freehold.server.openai_read import MOST_CHOICES, additions, sampling
from freehold.server.several import several, total
from freehold.server.stream import Stream

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.fields import Fields
    from freehold.server.protocol import Call

Prompt = str | tuple[int, ...]


async def completions(call: Call) -> Response | Stream:
    """Continue one or several texts, whole or in pieces."""
    body = call.body
    orders = _orders(call)
    if body.flag("stream"):
        options = body.object("stream_options")
        return Stream(_events(call, orders, options is not None and options.flag("include_usage")))
    choices = [Gathered() for _ in orders]
    async with several(call.desk, orders) as answers:
        async for index, pieces in answers:
            for piece in pieces:
                choices[index].add(piece)
    written = [
        _choice(index, each, _echo(body, orders[index])) for index, each in enumerate(choices)
    ]
    usage = usage_of(total([choice.end.usage for choice in choices]))
    return JSONResponse(_frame(orders[0].model) | {"choices": written, "usage": usage})


def prompts(body: Fields, name: str, most: int) -> list[Prompt]:
    """Texts, or lists of token ids, in any of the four ways the API knows."""
    raw = body.raw(name)
    listed = raw if isinstance(raw, list) and not _are_tokens(raw) else [raw]
    found: list[Prompt] = []
    for each in listed:
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, list) and _are_tokens(each):
            found.append(tuple(each))
        else:
            raise body.wrong(name, "text, a list of texts, token ids, or a list of those")
    if not 0 < len(found) <= most:
        raise body.wrong(name, f"given, with {most} at most")
    return found


def _are_tokens(value: list[Any]) -> bool:
    return bool(value) and all(
        isinstance(each, int) and not isinstance(each, bool) and 0 <= each < 1 << 31
        for each in value
    )


def _orders(call: Call) -> list[Order]:
    body = call.body
    model, beside = body.needed_text("model"), additions(body)
    if body.text("suffix"):
        raise body.wrong("suffix", "left out: models are not asked to fill in the middle")
    wanted = sampling(body, schema=None, chat=False)
    body.integer("best_of", 1, 1)  # more than one would be made and thrown away: refused
    count = body.integer("n", 1, MOST_CHOICES) or 1
    asked = prompts(body, "prompt", MOST_CHOICES) if "prompt" in body else [""]
    orders = []
    for number in range(len(asked) * count):
        seed = None if wanted.seed is None else (wanted.seed + number) % (2**32 - 1)
        request = TextRequest(asked[number // count], replace(wanted, seed=seed))
        orders.append(Order(model, request, call.owner, additions=beside))
    return orders


def _echo(body: Fields, order: Order) -> str:
    prompt = order.request.prompt if isinstance(order.request, TextRequest) else ""
    return prompt if body.flag("echo") and isinstance(prompt, str) else ""


async def _events(call: Call, orders: list[Order], usage: bool) -> AsyncGenerator[bytes, None]:
    frame = _frame(orders[0].model)
    ends: list[Usage] = []
    async with several(call.desk, orders) as answers:
        async for index, pieces in answers:
            events = b""
            for piece in pieces:
                if isinstance(piece, Delta):
                    chances = _chances(list(piece.chances))
                    events += _event(frame, index, piece.text, chances, None)
                elif isinstance(piece, Finished):
                    events += _event(frame, index, "", None, piece.reason)
                    ends.append(piece.usage)
            yield events
    last = b"data: [DONE]\n\n"
    if usage:
        counted = frame | {"choices": [], "usage": usage_of(total(ends))}
        last = f"data: {json.dumps(counted)}\n\n".encode() + last
    yield last


def _event(frame: dict[str, Any], index: int, text: str, chances: Any, reason: str | None) -> bytes:
    choice = {"text": text, "index": index, "logprobs": chances, "finish_reason": reason}
    return f"data: {json.dumps(frame | {'choices': [choice]}, ensure_ascii=False)}\n\n".encode()


def _choice(index: int, said: Gathered, before: str) -> dict[str, Any]:
    return {
        "text": before + said.text,
        "index": index,
        "logprobs": _chances(said.chances),
        "finish_reason": said.end.reason,
    }


def _chances(chances: list[TokenChance]) -> dict[str, Any] | None:
    if not chances:
        return None
    return {
        "tokens": [each.chosen.token for each in chances],
        "token_logprobs": [each.chosen.logprob for each in chances],
        "top_logprobs": [{other.token: other.logprob for other in each.others} for each in chances],
        "text_offset": [],
    }


def _frame(model: str) -> dict[str, Any]:
    return {
        "id": new_id("cmpl"),
        "object": "text_completion",
        "created": int(time.time()),
        "model": model,
    }
