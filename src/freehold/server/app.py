"""The server as an ASGI application: every protocol's paths, and errors in their shapes."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.routing import Route

from freehold.server.anthropic import ANTHROPIC
from freehold.server.desk import Desk
from freehold.server.door import Door, guarded
from freehold.server.endpoint import Endpoint
from freehold.server.ollama import OLLAMA
from freehold.server.openai import OPENAI
from freehold.server.openapi import described_at
from freehold.server.plain import PLAIN
from freehold.server.problem import Problem, no_such_path, wrong_method
from freehold.server.protocol import Protocol, error_response
from freehold.server.web.act import ACT
from freehold.server.web.login import way_in
from freehold.server.web.study import STUDY
from freehold.server.web.web import WEB

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Receive, Scope, Send


PROTOCOLS: tuple[Protocol, ...] = (STUDY, ACT, WEB, ANTHROPIC, OPENAI, OLLAMA, PLAIN)
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
            await desk.studio.close()
            await desk.residence.close()

    apps = _apps(desk, protocols)
    app = Starlette(routes=_routes(apps), lifespan=lifespan)
    app.router.redirect_slashes = False
    app.router.default = _Unknown(protocols)

    def refuse(scope: Scope, problem: Problem) -> ASGIApp:
        desk.metrics.refused += 1
        if (page := way_in(scope, problem)) is not None:
            return page
        return error_response(protocol_of(scope, protocols), problem)

    fixed = {path: each for path, each in apps.items() if "{" not in path}
    return guarded(_Straight(fixed, app), door, refuse)


def protocol_at(path: str, protocols: Sequence[Protocol] = PROTOCOLS) -> Protocol:
    """Whose error shape a client at this path expects."""
    for protocol in protocols:
        if path.startswith(protocol.prefixes):
            return protocol
    return protocols[-1]


def protocol_of(scope: Scope, protocols: Sequence[Protocol] = PROTOCOLS) -> Protocol:
    """Whose error shape the client that sent this expects: by its path, or a header of its own."""
    names = {name for name, _ in scope["headers"]}
    by_path = protocol_at(scope["path"], protocols)
    if by_path is protocols[-1]:
        return by_path
    return next((each for each in protocols if each.marked_by in names), by_path)


def _apps(desk: Desk, protocols: Sequence[Protocol]) -> dict[str, ASGIApp]:
    """What answers at each path. One that two protocols have is decided by the header."""
    apps: dict[str, list[tuple[Protocol, ASGIApp]]] = defaultdict(list)
    for protocol in protocols:
        methods: dict[str, dict[str, ASGIApp]] = defaultdict(dict)
        for path in protocol.paths:
            methods[path.path][path.method] = Endpoint(desk, protocol, path)
        for name, table in methods.items():
            apps[name].append((protocol, _ByMethod(protocol, table)))
    rest, description = protocols[-1], described_at("/openapi.json", protocols)
    table = {"GET": Endpoint(desk, rest, description)}
    apps[description.path].append((rest, _ByMethod(rest, table)))
    return {path: _ByMark(each) if each[1:] else each[0][1] for path, each in apps.items()}


def _routes(apps: dict[str, ASGIApp]) -> list[Route]:
    """Starlette takes the first that fits, so paths with a part left open come last."""
    ordered = sorted(apps.items(), key=lambda each: "{" in each[0])
    return [Route(path, app) for path, app in ordered]


class _Straight:
    """Paths that are known as they stand go straight to what answers them.

    A framework's layers cost little, but each token that is sent would pass through them too.
    """

    def __init__(self, apps: dict[str, ASGIApp], rest: ASGIApp) -> None:
        self._apps = apps
        self._rest = rest

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app = self._rest
        if scope["type"] == "http":
            app = self._apps.get(scope["path"], app)
        await app(scope, receive, send)


class _ByMark:
    """One path of several protocols: the one whose mark a request carries, else the first."""

    def __init__(self, apps: list[tuple[Protocol, ASGIApp]]) -> None:
        self._marked = [(each.marked_by, app) for each, app in apps if each.marked_by]
        self._usual = next(app for each, app in apps if not each.marked_by)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        names = {name for name, _ in scope["headers"]}
        app = next((app for mark, app in self._marked if mark in names), self._usual)
        await app(scope, receive, send)


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
        protocol = protocol_of(scope, self._protocols)
        await error_response(protocol, no_such_path(scope["path"]))(scope, receive, send)
