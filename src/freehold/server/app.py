"""The server as an ASGI application: every protocol's paths, and errors in their shapes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from freehold.server.desk import Desk
from freehold.server.door import Door, guarded
from freehold.server.endpoint import Endpoint
from freehold.server.openai import OPENAI
from freehold.server.plain import PLAIN
from freehold.server.problem import Problem, no_such_path, wrong_method
from freehold.server.protocol import Protocol, error_response
from freehold.server.web.login import way_in
from freehold.server.web.web import WEB

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


PROTOCOLS: tuple[Protocol, ...] = (WEB, OPENAI, PLAIN)
"""Every API, in the order in which an unknown path is looked up; the last one takes the rest."""


def make_app(desk: Desk, door: Door, protocols: Sequence[Protocol] = PROTOCOLS) -> ASGIApp:
    """The application behind its door.

    It keeps house while it runs, and unloads everything at its end.
    """

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        housekeeping = asyncio.create_task(desk.residence.keep_house())
        try:
            yield
        finally:
            housekeeping.cancel()
            with suppress(asyncio.CancelledError):
                await housekeeping
            await desk.residence.close()

    app = Starlette(routes=_routes(desk, protocols), lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = _Unknown(protocols)

    def refuse(scope: Scope, problem: Problem) -> ASGIApp:
        desk.metrics.refused += 1
        if (page := way_in(scope, problem)) is not None:
            return page
        return error_response(protocol_at(scope["path"], protocols), problem)

    return guarded(app, door, refuse)


def protocol_at(path: str, protocols: Sequence[Protocol] = PROTOCOLS) -> Protocol:
    """Whose error shape a client at this path expects."""
    for protocol in protocols:
        if path.startswith(protocol.prefixes):
            return protocol
    return protocols[-1]


def _routes(desk: Desk, protocols: Sequence[Protocol]) -> list[Route]:
    routes = []
    for protocol in protocols:
        methods: dict[str, dict[str, ASGIApp]] = defaultdict(dict)
        for path in protocol.paths:
            methods[path.path][path.method] = Endpoint(desk, protocol, path)
        routes += [Route(path, _ByMethod(protocol, table)) for path, table in methods.items()]
    return routes


class _ByMethod:
    """One path, with a protocol's own error for methods that it doesn't have."""

    def __init__(self, protocol: Protocol, table: dict[str, ASGIApp]) -> None:
        self._protocol = protocol
        self._table = table

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        method = scope["method"]
        wanted = "GET" if method == "HEAD" and "HEAD" not in self._table else method
        if (app := self._table.get(wanted)) is None:
            app = error_response(self._protocol, wrong_method(method, tuple(sorted(self._table))))
        await app(scope, receive, send)


class _Unknown:
    """Every path that there isn't."""

    def __init__(self, protocols: Sequence[Protocol]) -> None:
        self._protocols = protocols

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "websocket":
            await send({"type": "websocket.close", "code": 1000})
            return
        protocol = protocol_at(scope["path"], self._protocols)
        await error_response(protocol, no_such_path(scope["path"]))(scope, receive, send)
