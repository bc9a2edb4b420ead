"""From a request on the wire to a protocol's handler, and back.

Reads the body, watches whether the client is still there, and gives errors the protocol's shape.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from starlette.requests import Request

from freehold.errors import FreeholdError
from freehold.server.admission import must_manage
from freehold.server.fields import Fields
from freehold.server.problem import BodyTooLarge, bug, problem_of
from freehold.server.protocol import Call, Path, Protocol, error_response
from freehold.server.sending import send_stream
from freehold.server.stream import Stream
from freehold.units import human_bytes

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Message, Receive, Scope, Send

    from freehold.server.desk import Desk


class ClientGone(Exception):
    """The client has hung up."""


class Endpoint:
    """An ASGI application for one method at one path."""

    def __init__(self, desk: Desk, protocol: Protocol, path: Path) -> None:
        self._desk = desk
        self._protocol = protocol
        self._path = path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        status = 0

        async def counting(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            if self._path.manages:
                must_manage(scope)
            body = await self._body(receive)
            async with until_gone(receive):
                await self._answer(Request(scope), body, counting)
        except ClientGone:
            self._desk.metrics.cancelled += 1
        except FreeholdError as error:
            response = error_response(self._protocol, problem_of(error))
            await response(scope, receive, counting)
        except Exception:
            if status == 0:
                await error_response(self._protocol, bug())(scope, receive, counting)
            raise
        finally:
            self._desk.metrics.requests[self._protocol.name, status] += 1

    async def _answer(self, request: Request, body: bytes, send: Send) -> None:
        reads = self._path.method in {"POST", "DELETE"} and self._path.reads
        fields = Fields.read(body) if reads else Fields({})
        owner: str = request.scope.get("freehold.owner", "")
        call = Call(self._desk, request, fields, owner)
        async with self._desk.open_call():
            answer: Response | Stream = await self._path.handler(call)
            if isinstance(answer, Stream):
                await send_stream(answer, self._protocol, send)
            else:
                await answer(request.scope, request.receive, send)

    async def _body(self, receive: Receive) -> bytes:
        most = self._desk.largest_body
        parts: list[bytes] = []
        size = 0
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise ClientGone
            parts.append(message.get("body", b""))
            size += len(parts[-1])
            if size > most:
                raise BodyTooLarge(f"The request is larger than {human_bytes(most)}.")
            if not message.get("more_body", False):
                return b"".join(parts)


@asynccontextmanager
async def until_gone(receive: Receive) -> AsyncIterator[None]:
    """Cancel what is inside, and raise ClientGone, when the client hangs up."""
    task = asyncio.current_task()
    gone = False

    async def watch() -> None:
        nonlocal gone
        while (await receive())["type"] != "http.disconnect":
            pass
        gone = True
        if task is not None:
            task.cancel()

    watcher = asyncio.create_task(watch())
    try:
        yield
    except asyncio.CancelledError:
        if gone and task is not None and task.uncancel() == 0:
            raise ClientGone from None
        raise
    finally:
        watcher.cancel()
