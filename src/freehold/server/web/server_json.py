"""What the server is and who may come in, as the settings page shows and changes it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold import __version__
from freehold.actions.api_keys import ApiKey, ApiKeys, Scope
from freehold.server.web.login import remember

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.protocol import Call


async def show_server(call: Call) -> Response:
    """The server, its models in memory, what it keeps, and the key of whoever asks."""
    desk, key = call.desk, call.request.scope.get("freehold.key")
    kept = desk.residence.conversations
    size = None if kept is None else await asyncio.to_thread(lambda: kept.size)
    idle = desk.residence.choices.idle_seconds
    return JSONResponse(
        {
            "version": __version__,
            "addresses": list(desk.addresses) or [str(call.request.base_url).rstrip("/")],
            "key": None if key is None else _key(key),
            "may_manage": key is None or key.allows(Scope.MANAGE),
            "idle_seconds": idle,
            "conversations": None
            if kept is None
            else {"bytes": size, "most_bytes": kept.most_bytes},
            "models": [
                {
                    "name": each.name,
                    "loading": each.loading,
                    "bytes": each.resident().claimed,
                    "context": each.plan.context,
                    "parallel": each.plan.parallel,
                    "pinned": each.pinned,
                }
                for each in desk.residence.models
            ],
        }
    )


async def list_keys(call: Call) -> Response:
    """Every key, without its secret."""
    return JSONResponse({"keys": [_key(key) for key in _keys(call).all()]})


async def add_key(call: Call) -> Response:
    """Make a key; its secret is in this answer and nowhere else.

    The first one closes the door: the browser that made it is let in by it.
    """
    name, scope = call.body.needed_text("name"), call.body.one_of("scope", "run", "manage")
    keys = _keys(call)
    first = not keys.all()
    made = keys.make(name, tuple(Scope) if scope == "manage" else (Scope.RUN,))
    answer = JSONResponse(_key(made.key) | {"secret": made.secret})
    answer.headers["Cache-Control"] = "no-store"
    if first:
        remember(answer, made.secret)
    return answer


async def remove_key(call: Call) -> Response:
    """Let a key go: whoever has it is out at once."""
    return JSONResponse(_key(_keys(call).remove(call.body.needed_text("name"))))


async def forget_conversations(call: Call) -> Response:
    """Remove what models have read of conversations, on the disk and in the memory of idle ones."""
    residence = call.desk.residence
    for loaded in residence.models:
        if not loaded.loading and not loaded.slots.busy:
            await residence.unload(loaded)
    if residence.conversations is not None:
        await asyncio.to_thread(residence.conversations.clear)
    return JSONResponse({"forgotten": True})


def _keys(call: Call) -> ApiKeys:
    return ApiKeys(call.desk.residence.libraries.home)


def _key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": [str(scope) for scope in key.scopes],
        "created": key.created_at,
    }
