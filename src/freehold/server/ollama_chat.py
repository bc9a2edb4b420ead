"""Ollama's chat and generate: one answer, in lines or whole."""

from __future__ import annotations

import math
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.engine.reply import Finished
from freehold.engine.request import ChatRequest, Message, TextRequest
from freehold.server.admission import must_manage
from freehold.server.desk import Order
from freehold.server.ollama_lines import AnswerLines, Clock
from freehold.server.ollama_names import asked_name, known_name
from freehold.server.ollama_read import (
    chat_request,
    images,
    keep_alive,
    sampling,
    thinking,
    wanted_context,
)
from freehold.server.stream import NDJSON, Stream, line

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.actions.loaded import Loaded
    from freehold.server.fields import Fields
    from freehold.server.protocol import Call

Asked = ChatRequest | TextRequest | None


@dataclass(frozen=True)
class _Wish:
    """What a request wants, besides the answer."""

    model: str
    """As the client calls it."""
    name: str
    """As it is found here."""
    request: Asked
    """None: only that the model be loaded, or unloaded."""
    keep: float | None
    before: tuple[int, ...] = ()
    """Token ids of what was said before, as an earlier answer gave them."""


async def chat(call: Call) -> Response | Stream:
    """Answer a conversation."""
    request = chat_request(call.body)
    return await _answer(call, request if request.messages else None, ())


async def generate(call: Call) -> Response | Stream:
    """Answer one prompt, or go on with a raw text."""
    request, before = _generated(call.body)
    return await _answer(call, request, before)


def _generated(body: Fields) -> tuple[Asked, tuple[int, ...]]:
    for name in ("suffix", "template"):
        if body.text(name):
            raise body.wrong(name, _LEFT_OUT[name])
    prompt, pictures = body.text("prompt", ""), images(body)
    before = _context(body)
    if not prompt and not pictures:
        return None, ()
    if body.flag("raw"):
        if pictures or before or body.text("system"):
            raise body.wrong("raw", "left out where there is a system, a context or a picture")
        return TextRequest(prompt, sampling(body)), ()
    if pictures and before:
        raise body.wrong("context", "left out where there are pictures")
    system = (Message("system", said),) if (said := body.text("system")) else ()
    turns = (*system, Message("user", prompt, pictures))
    return ChatRequest(turns, sampling(body), think=thinking(body)), before


_LEFT_OUT = {
    "suffix": "left out: models are not asked to fill in the middle",
    "template": "left out: the model's own is used, and `raw` sends a prompt as it is",
}


def _context(body: Fields) -> tuple[int, ...]:
    raw = body.raw("context")
    if raw is None:
        return ()
    if not isinstance(raw, list) or not all(_is_token(each) for each in raw):
        raise body.wrong("context", "the list of token ids that an earlier answer gave")
    return tuple(raw)


def _is_token(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 1 << 31


async def _answer(call: Call, request: Asked, before: tuple[int, ...]) -> Response | Stream:
    model = asked_name(call.body)
    keep = keep_alive(call.body)
    if keep == math.inf:
        must_manage(call.request.scope)
    name = await known_name(call.desk, model)
    wish = _Wish(model, name, request, keep, before)
    if call.body.flag("stream", default=True):
        return Stream(_lines(call, wish), NDJSON)
    async with aclosing(_documents(call, wish, whole=True)) as documents:
        return JSONResponse([each async for each in documents][-1])


async def _lines(call: Call, wish: _Wish) -> AsyncGenerator[bytes, None]:
    async with aclosing(_documents(call, wish, whole=False)) as documents:
        async for document in documents:
            yield line(document)


async def _documents(
    call: Call, wish: _Wish, *, whole: bool
) -> AsyncGenerator[dict[str, Any], None]:
    clock = Clock()
    lines = AnswerLines(wish.model, clock, chat=call.request.url.path.endswith("chat"))
    if wish.request is None and wish.keep == 0:
        await _unload(call, wish.name)
        yield lines.only("unload")
        return
    async with _loaded(call, wish) as loaded:
        clock.ready()
        if wish.request is None:
            yield lines.only("load") | clock.durations()
            return
        request = await _continued(loaded, wish.request, wish.before)
        left_out: dict[str, int] = {}
        order = Order(
            wish.name,
            request,
            call.owner,
            call.body.flag("truncate"),
            lambda count: left_out.update(truncated_messages=count),
        )
        async with call.desk.answer(order) as answer:
            async for pieces in answer:
                for piece in pieces:
                    made = lines.piece(piece)
                    if isinstance(piece, Finished):
                        more = await _context_after(loaded, wish.request, request, lines)
                        more |= left_out
                        made[-1] |= more
                        made = [lines.whole(**more)] if whole else made
                    elif whole:
                        continue
                    for document in made:
                        yield document


@asynccontextmanager
async def _loaded(call: Call, wish: _Wish) -> AsyncIterator[Loaded]:
    """The model, held for the whole of the answer. Raises BadField for too large a context."""
    async with call.desk.residence.use(wish.name) as loaded:
        wanted, served = wanted_context(call.body), loaded.facts.context
        if wanted is not None and wanted > served:
            raise call.body.wrong(
                "options.num_ctx",
                f"{served:,} at most, not {wanted:,}: that is the context with which {loaded.name} "
                "is served. `freehold serve --context N` gives more",
            )
        if wish.keep is not None:
            call.desk.residence.stays.keep(loaded, wish.keep)
        yield loaded


async def _unload(call: Call, name: str) -> None:
    found = await call.desk.residence.find(name)
    for each in call.desk.residence.models:
        if each.key.id == found.model.id and not each.loading:
            call.desk.residence.stays.keep(each, 0.0)
    await call.desk.residence.unload_idle()


async def _continued(
    loaded: Loaded, request: ChatRequest | TextRequest, before: tuple[int, ...]
) -> ChatRequest | TextRequest:
    """After what was said before, the new question follows as the template writes it."""
    if not before or not isinstance(request, ChatRequest):
        return request
    text = await loaded.live.render(loaded.recipe.applied_to_chat(request))
    ids = await loaded.live.tokenize(text, special=True)
    return TextRequest((*before, *ids), request.sampling)


async def _context_after(
    loaded: Loaded, wanted: Asked, asked: ChatRequest | TextRequest, lines: AnswerLines
) -> dict[str, Any]:
    """`context` of generate: the token ids of everything so far. Chats and raw texts have none."""
    if not isinstance(wanted, ChatRequest) or lines.is_chat or lines.said.calls:
        return {}
    if wanted.images:
        return {}
    if isinstance(asked, TextRequest):
        before = list(asked.prompt) if isinstance(asked.prompt, tuple) else []
    else:
        text = await loaded.live.render(loaded.recipe.applied_to_chat(asked))
        before = await loaded.live.tokenize(text, special=True)
    return {"context": [*before, *await loaded.live.tokenize(lines.said.text)]}
