"""OpenAI's embeddings: vectors for texts, as numbers or in base64."""

from __future__ import annotations

import struct
from base64 import b64encode
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse

from freehold.engine.request import EmbedRequest
from freehold.server.openai_text import prompts

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.protocol import Call

_MOST_INPUTS = 2048


async def embeddings(call: Call) -> Response:
    """Vectors, in the order of the inputs."""
    body = call.body
    model = body.needed_text("model")
    as_text = body.one_of("encoding_format", "float", "base64") == "base64"
    inputs = prompts(body, "input", _MOST_INPUTS)
    if any(not each for each in inputs):
        raise body.wrong("input", "text that is not empty")
    found = await call.desk.embed(model, EmbedRequest(tuple(inputs)), call.owner)
    width = len(found.vectors[0]) // 4
    if "dimensions" in body and body.integer("dimensions", 1, 1 << 20) != width:
        raise body.wrong("dimensions", f"left out, or {width}, which is what this model makes")
    return JSONResponse(
        {
            "object": "list",
            "model": model,
            "data": [
                {
                    "object": "embedding",
                    "index": index,
                    "embedding": b64encode(vector).decode()
                    if as_text
                    else struct.unpack(f"<{width}f", vector),
                }
                for index, vector in enumerate(found.vectors)
            ],
            "usage": {"prompt_tokens": found.tokens, "total_tokens": found.tokens},
        }
    )
