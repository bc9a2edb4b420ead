"""Ollama's embed, and its older embeddings."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from freehold.engine.request import EmbedRequest
from freehold.server.cutting import cut_to_fit
from freehold.server.ollama_lines import Clock
from freehold.server.ollama_names import asked_name, known_name
from freehold.server.ollama_read import keep_alive

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.protocol import Call

_MOST_INPUTS = 2048


async def embed(call: Call) -> Response:
    """Vectors for texts, in their order."""
    clock, body = Clock(), call.body
    inputs = body.texts("input", _MOST_INPUTS)
    vectors, tokens, cut = await _vectors(call, inputs, clock)
    answer = {
        "model": asked_name(body),
        "embeddings": vectors,
        **clock.durations(),
        "prompt_eval_count": tokens,
    }
    return JSONResponse(answer | ({"truncated_inputs": cut} if cut else {}))


async def embeddings(call: Call) -> Response:
    """The vector of one text."""
    prompt = call.body.text("prompt", "")
    vectors, _, _ = await _vectors(call, (prompt,) if prompt else (), Clock())
    return JSONResponse({"embedding": vectors[0] if vectors else []})


async def _vectors(
    call: Call, inputs: tuple[str, ...], clock: Clock
) -> tuple[list[tuple[float, ...]], int, int]:
    """The vectors, how many tokens those are, and how many texts were cut to fit."""
    body = call.body
    name = await known_name(call.desk, asked_name(body))
    keep = keep_alive(body)
    if any(not each for each in inputs):
        raise body.wrong("input", "text that is not empty")
    async with call.desk.residence.use(name, "embed") as loaded:
        clock.ready()
        if keep is not None and keep != float("inf"):
            call.desk.residence.stays.keep(loaded, keep)
        if not inputs:
            return [], 0, 0
        request, cut = EmbedRequest(inputs), 0
        if body.flag("truncate"):
            request, cut = await cut_to_fit(loaded.live, loaded.facts.context, request)
        found = await call.desk.embed(name, request, call.owner)
    width = len(found.vectors[0]) // 4
    if "dimensions" in body and body.integer("dimensions", 1, 1 << 20) != width:
        raise body.wrong("dimensions", f"left out, or {width}, which is what this model makes")
    return [struct.unpack(f"<{width}f", each) for each in found.vectors], found.tokens, cut
