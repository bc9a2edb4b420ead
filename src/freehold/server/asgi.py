"""The words of ASGI, and the one way in which middleware here says no.

Each protocol has its own shape of error; a middleware knows only status and words, and the path
says whose shape they take (`shapes`).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

from freehold.server.shapes import error_body

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]


def header(scope: Scope, name: bytes) -> str | None:
    """The one value of a header; None when it is missing. Two that differ are none at all."""
    found = {value for key, value in scope["headers"] if key == name}
    return found.pop().decode("latin-1") if len(found) == 1 else None


async def refuse(
    scope: Scope,
    send: Send,
    status: int,
    message: str,
    *,
    headers: Iterable[tuple[bytes, bytes]] = (),
) -> None:
    """Answer with an error in the shape of the protocol that this path belongs to."""
    body = error_body(scope["path"], status, message)
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [
                (b"content-type", b"application/json"),
                (b"content-length", str(len(body)).encode()),
                (b"cache-control", b"no-store"),
                *headers,
            ],
        }
    )
    await send({"type": "http.response.body", "body": body})
