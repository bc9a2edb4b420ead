"""Ollama's API: its paths and its errors. The answers are in the files beside it."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, PlainTextResponse

from freehold import __version__
from freehold.server.ollama_chat import chat, generate
from freehold.server.ollama_embed import embed, embeddings
from freehold.server.ollama_making import copy, create, delete, has_blob, push, take_blob
from freehold.server.ollama_models import ps, show, tags
from freehold.server.ollama_names import asked_name, reference
from freehold.server.problem import Problem
from freehold.server.protocol import Call, Path, Protocol
from freehold.server.pulling import pull
from freehold.server.stream import NDJSON, Stream, line

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.names import ModelRef
    from freehold.server.watched import Step

_LEVEL = "0.12.11"
"""The version of Ollama whose API this follows: clients look whether a server is new enough."""


async def greeting(call: Call) -> Response:
    """The words by which clients know that somebody is there."""
    return PlainTextResponse("Ollama is running")


async def version(call: Call) -> Response:
    """Whose API this follows, and what it really is."""
    return JSONResponse({"version": _LEVEL, "freehold": __version__})


async def pull_model(call: Call) -> Response | Stream:
    """Get a model from a registry and own it. Hanging up stops it; it goes on where it was."""
    ref = reference(asked_name(call.body))
    if call.body.flag("stream", default=True):
        return Stream(_pulling(call, ref), NDJSON)
    async with aclosing(_pulling(call, ref)) as lines:
        async for _ in lines:
            pass
    return JSONResponse({"status": "success"})


async def _pulling(call: Call, ref: ModelRef) -> AsyncGenerator[bytes, None]:
    yield line({"status": "pulling manifest"})
    async with aclosing(pull(call.desk, ref)) as steps:
        async for step in steps:
            yield line(_pulled(step))
    yield line({"status": "writing manifest"})
    yield line({"status": "success"})


def _pulled(step: Step) -> dict[str, Any]:
    """A step as clients know it: a file by the beginning of its hash, with the whole beside it."""
    counts = {} if step.total is None else {"total": step.total, "completed": step.done}
    if step.digest is None:
        return {"status": step.label} | counts
    short = step.digest.removeprefix("sha256:")[:12]
    return {"status": f"pulling {short}", "digest": step.digest} | counts


def error_body(problem: Problem) -> dict[str, Any]:
    """An error as Ollama's clients read it."""
    return {"error": problem.whole}


def error_event(problem: Problem) -> bytes:
    """An error in the middle of a stream: clients raise it."""
    return line(error_body(problem))


OLLAMA = Protocol(
    name="ollama",
    paths=(
        Path("GET", "/", greeting),
        Path("GET", "/api/version", version),
        Path("GET", "/api/tags", tags),
        Path("GET", "/api/ps", ps),
        Path("POST", "/api/show", show),
        Path("POST", "/api/chat", chat),
        Path("POST", "/api/generate", generate),
        Path("POST", "/api/embed", embed),
        Path("POST", "/api/embeddings", embeddings),
        Path("POST", "/api/pull", pull_model, manages=True),
        Path("POST", "/api/create", create, manages=True),
        Path("POST", "/api/copy", copy, manages=True),
        Path("DELETE", "/api/delete", delete, manages=True),
        Path("POST", "/api/push", push, manages=True),
        Path("HEAD", "/api/blobs/{digest}", has_blob),
        Path("POST", "/api/blobs/{digest}", take_blob, manages=True, reads=False),
    ),
    prefixes=("/api/",),
    error_body=error_body,
    error_event=error_event,
)
