"""Anthropic's API: its paths and its errors. The answers are in the files beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.server.anthropic_messages import count_tokens, event, messages
from freehold.server.owned import owned_models, served_model
from freehold.server.problem import Problem
from freehold.server.protocol import Call, Path, Protocol

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.store.model import OwnedModel

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    413: "request_too_large",
    429: "rate_limit_error",
    503: "overloaded_error",
}


async def list_models(call: Call) -> Response:
    """Every owned model, in one page."""
    models = [_model(each) for each in await owned_models(call.desk)]
    ends = (models[0]["id"], models[-1]["id"]) if models else (None, None)
    page = {"data": models, "has_more": False, "first_id": ends[0], "last_id": ends[1]}
    return JSONResponse(page)


async def retrieve_model(call: Call) -> Response:
    """One owned model, by any of its names."""
    return JSONResponse(_model(await served_model(call.desk, call.request.path_params["model"])))


def error_body(problem: Problem) -> dict[str, Any]:
    """An error as Anthropic's clients read it."""
    kind = "api_error" if problem.status >= 500 else "invalid_request_error"
    told = {"type": _TYPES.get(problem.status, kind), "message": problem.whole}
    return {"type": "error", "error": told}


def error_event(problem: Problem) -> bytes:
    """An error in the middle of a stream: clients raise it."""
    return event("error", error_body(problem))


def _model(owned: OwnedModel) -> dict[str, Any]:
    return {
        "type": "model",
        "id": owned.name,
        "display_name": str(owned.facts.get("title", owned.name)),
        "created_at": owned.added_at.strftime("%Y-%m-%dT%H:%M:%SZ"),
    }


ANTHROPIC = Protocol(
    name="anthropic",
    paths=(
        Path("POST", "/v1/messages", messages),
        Path("POST", "/v1/messages/count_tokens", count_tokens),
        Path("GET", "/v1/models", list_models),
        Path("GET", "/v1/models/{model:path}", retrieve_model),
    ),
    prefixes=("/v1/messages",),
    error_body=error_body,
    error_event=error_event,
    marked_by=b"anthropic-version",
)
