"""OpenAI's API: its paths and its errors. The answers are in the files beside it."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.server.openai_chat import chat_completions
from freehold.server.openai_embed import embeddings
from freehold.server.openai_text import completions
from freehold.server.owned import owned_models, served_model
from freehold.server.problem import Problem
from freehold.server.protocol import Call, Path, Protocol
from freehold.server.responses import delete_response, responses, retrieve_response

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.store.model import OwnedModel

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    429: "rate_limit_error",
}


async def list_models(call: Call) -> Response:
    """Every owned model."""
    models = [_model(each) for each in await owned_models(call.desk)]
    return JSONResponse({"object": "list", "data": models})


async def retrieve_model(call: Call) -> Response:
    """One owned model, by any of its names."""
    return JSONResponse(_model(await served_model(call.desk, call.request.path_params["model"])))


def error_body(problem: Problem) -> dict[str, Any]:
    """An error as OpenAI's clients read it."""
    kind = "server_error" if problem.status >= 500 else "invalid_request_error"
    return {
        "error": {
            "message": problem.whole,
            "type": _TYPES.get(problem.status, kind),
            "param": problem.param,
            "code": problem.code,
        }
    }


def error_event(problem: Problem) -> bytes:
    """An error in the middle of a stream: clients raise it."""
    return f"data: {json.dumps(error_body(problem))}\n\ndata: [DONE]\n\n".encode()


def _model(owned: OwnedModel) -> dict[str, Any]:
    return {
        "id": owned.name,
        "object": "model",
        "created": int(owned.added_at.timestamp()),
        "owned_by": "you",
    }


OPENAI = Protocol(
    name="openai",
    paths=(
        Path("POST", "/v1/chat/completions", chat_completions),
        Path("POST", "/v1/completions", completions),
        Path("POST", "/v1/embeddings", embeddings),
        Path("POST", "/v1/responses", responses),
        Path("GET", "/v1/responses/{response}", retrieve_response),
        Path("DELETE", "/v1/responses/{response}", delete_response, reads=False),
        Path("GET", "/v1/models", list_models),
        Path("GET", "/v1/models/{model:path}", retrieve_model),
    ),
    prefixes=("/v1/",),
    error_body=error_body,
    error_event=error_event,
)
