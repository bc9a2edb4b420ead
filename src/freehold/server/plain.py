"""What belongs to no other API: health, tokens, reranking, figures for Prometheus."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from freehold import __version__
from freehold.engine.request import RerankRequest
from freehold.server.problem import Problem
from freehold.server.protocol import Call, Path, Protocol

if TYPE_CHECKING:
    from starlette.responses import Response

_MOST_DOCUMENTS = 1000


async def health(call: Call) -> Response:
    """Whether the server is there, which one it is, and what is in memory."""
    return JSONResponse(
        {
            "status": "ok",
            "freehold": __version__,
            "instance": call.desk.instance,
            "models": [
                {
                    "name": each.name,
                    "purpose": each.key.purpose,
                    "loading": each.loading,
                    "busy": each.slots.busy,
                    "waiting": each.slots.waiting,
                    "parallel": each.plan.parallel,
                    "context": each.plan.context,
                    "pinned": each.pinned,
                    "bytes": each.resident().claimed,
                }
                for each in call.desk.residence.models
            ],
        }
    )


async def metrics(call: Call) -> Response:
    """Figures, in Prometheus' text format."""
    text = call.desk.metrics.text(call.desk.residence)
    return PlainTextResponse(text, media_type="text/plain; version=0.0.4")


async def tokenize(call: Call) -> Response:
    """The token ids of a text."""
    body = call.body
    async with call.desk.residence.use(body.needed_text("model")) as loaded:
        text = body.text("text", body.text("content", ""))
        tokens = await loaded.live.tokenize(text, body.flag("special"))
    return JSONResponse({"tokens": tokens, "count": len(tokens)})


async def detokenize(call: Call) -> Response:
    """The text of token ids."""
    body = call.body
    raw = body.raw("tokens")
    if not isinstance(raw, list) or not all(_is_token(each) for each in raw):
        raise body.wrong("tokens", "a list of token ids")
    async with call.desk.residence.use(body.needed_text("model")) as loaded:
        vocabulary = loaded.facts.vocabulary
        if any(each >= vocabulary for each in raw):
            raise body.wrong("tokens", f"ids below {vocabulary}, the size of the vocabulary")
        text = await loaded.live.detokenize(raw)
    return JSONResponse({"text": text})


async def rerank(call: Call) -> Response:
    """Documents in the order in which they answer a query."""
    body = call.body
    model, query = body.needed_text("model"), body.needed_text("query")
    documents = body.texts("documents", _MOST_DOCUMENTS)
    if not documents or isinstance(body.raw("documents"), str):
        raise body.wrong("documents", "a list of texts")
    top = body.integer("top_n", 1, _MOST_DOCUMENTS) or len(documents)
    found = await call.desk.rerank(model, RerankRequest(query, documents), call.owner)
    order = sorted(range(len(documents)), key=lambda index: -found.scores[index])
    results = [_result(index, found.scores[index]) for index in order[:top]]
    if body.flag("return_documents"):
        results = [each | {"document": {"text": documents[each["index"]]}} for each in results]
    usage = {"prompt_tokens": found.tokens, "total_tokens": found.tokens}
    return JSONResponse({"object": "list", "model": model, "results": results, "usage": usage})


def error_body(problem: Problem) -> dict[str, Any]:
    """An error in our own words."""
    return {"error": {"code": problem.code, "message": problem.message, "hint": problem.hint}}


def error_event(problem: Problem) -> bytes:
    """An error in the middle of a stream of lines."""
    return json.dumps(error_body(problem)).encode() + b"\n"


def _result(index: int, score: float) -> dict[str, Any]:
    return {"index": index, "relevance_score": score}


def _is_token(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


PLAIN = Protocol(
    name="plain",
    paths=(
        Path("GET", "/health", health),
        Path("GET", "/metrics", metrics),
        Path("POST", "/tokenize", tokenize),
        Path("POST", "/detokenize", detokenize),
        Path("POST", "/rerank", rerank),
        Path("POST", "/v1/rerank", rerank),
    ),
    prefixes=("/",),
    error_body=error_body,
    error_event=error_event,
)
