"""The hub as an ASGI application: one shelf of models, in the ways that clients know."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, PlainTextResponse

from freehold.server.hub.hello import Hello
from freehold.server.hub.hugging_face import HuggingFace
from freehold.server.hub.page import Page
from freehold.server.hub.peers import Peers
from freehold.server.hub.registry import Registry
from freehold.server.limits import Limited, Limits
from freehold.server.same_machine import OwnHosts

if TYPE_CHECKING:
    from collections.abc import Collection

    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Scope

    from freehold.server.hub.civic import Civic
    from freehold.server.hub.proven import ProvenFiles
    from freehold.server.problem import Problem
    from freehold.share.shelf import Shelf
    from freehold.share.signing.identity import Identity


def make_hub(
    shelf: Shelf,
    proven: ProvenFiles,
    names: Collection[str] = (),
    limits: Limits | None = None,
    *,
    identity: Identity | None = None,
    civic: Civic | None = None,
) -> ASGIApp:
    """The hub of a shelf, whose bytes `proven` opens. `names` are its own beside loopback's.

    With an `identity` it proves whose it is; `civic` is the public data, where that is shared too.
    """
    peers = Peers(shelf, proven)
    routes = [
        *Page(shelf).routes(),
        *Registry(shelf, proven).routes(),
        *peers.routes(),
        *Hello(identity, peers.listing).routes(),
        *(civic.routes() if civic else ()),
        *HuggingFace(shelf, proven).routes(),
    ]
    app = Starlette(routes=routes, exception_handlers={HTTPException: _http_error})
    app.router.redirect_slashes = False
    limited = Limited(app, _refuse, limits or Limits())
    return OwnHosts(limited, _refuse, names, command="share")


def _refuse(_: Scope, problem: Problem) -> ASGIApp:
    headers = {"Retry-After": str(problem.retry_seconds)} if problem.retry_seconds else None
    return JSONResponse({"error": problem.whole}, problem.status, headers)


async def _http_error(request: Request, error: Exception) -> Response:
    """Paths that there are not, and methods other than GET and HEAD."""
    assert isinstance(error, HTTPException)  # noqa: S101 - what it is registered for
    said = f"There is nothing at {request.url.path}."
    if error.status_code == 405:
        said = f"Nothing can be changed here: {request.method} is refused."
    return PlainTextResponse(f"{said}\n", error.status_code, error.headers)
