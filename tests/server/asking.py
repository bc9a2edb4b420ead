"""Asking an ASGI application, with nothing between the test and it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from freehold.server.app import protocol_at
from freehold.server.problem import Problem
from freehold.server.protocol import error_response


def refuse(scope: Scope, problem: Problem) -> ASGIApp:
    """As the application does it."""
    return error_response(protocol_at(scope["path"]), problem)


@dataclass
class Answered:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


async def greet(scope: Scope, receive: Receive, send: Send) -> None:
    """The application behind the middleware: reads the body and says how long it was."""
    size = 0
    while True:
        message = await receive()
        size += len(message.get("body", b""))
        if not message.get("more_body", False):
            break
    headers = [(b"content-type", b"text/plain")]
    await send({"type": "http.response.start", "status": 200, "headers": headers})
    await send({"type": "http.response.body", "body": str(size).encode()})


def ask(
    app: ASGIApp,
    path: str = "/v1/models",
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (("host", "127.0.0.1:2411"),),
    pieces: Iterable[bytes] = (b"",),
    client: str = "127.0.0.1",
    pause: float = 0.0,
) -> Answered:
    return asyncio.run(ask_soon(app, path, method, headers, pieces, client, pause))


async def ask_soon(
    app: ASGIApp,
    path: str = "/v1/models",
    method: str = "GET",
    headers: Iterable[tuple[str, str]] = (("host", "127.0.0.1:2411"),),
    pieces: Iterable[bytes] = (b"",),
    client: str = "127.0.0.1",
    pause: float = 0.0,
) -> Answered:
    """As `ask`, inside a loop. `pause`: seconds before each further piece of the body."""
    scope: dict[str, Any] = {
        "type": "http",
        "method": method,
        "path": path,
        "headers": [(name.encode(), value.encode("latin-1")) for name, value in headers],
        "client": (client, 50000),
    }
    left = list(pieces)
    sent: list[Message] = []

    async def receive() -> Message:
        await asyncio.sleep(pause)
        if not left:
            return {"type": "http.disconnect"}
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    async def send(message: Message) -> None:
        sent.append(message)

    await app(scope, receive, send)
    start = sent[0]
    return Answered(
        start["status"],
        {name.decode(): value.decode() for name, value in start["headers"]},
        b"".join(message.get("body", b"") for message in sent[1:]),
    )
