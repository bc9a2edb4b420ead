"""What a protocol is to the server: its paths, and the shape it gives to an error.

A new protocol is a file with one `Protocol` in it, and a line in `app.PROTOCOLS`.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.responses import Response

from freehold.server.fields import Fields
from freehold.server.problem import Problem

if TYPE_CHECKING:
    from starlette.requests import Request

    from freehold.server.desk import Desk
    from freehold.server.stream import Stream


@dataclass(frozen=True)
class Call:
    """One request to an endpoint: what it brought, and what it may use."""

    desk: Desk
    request: Request
    body: Fields
    """Empty where the method has no body."""
    owner: str
    """The id of the key it came with; empty without keys."""


Handler = Callable[[Call], Awaitable["Response | Stream"]]


@dataclass(frozen=True)
class Path:
    """One method at one path (as Starlette writes paths), and what answers it."""

    method: str
    path: str
    handler: Handler
    manages: bool = False
    """Whether it changes what is owned: a key must say that it may."""
    reads: bool = True
    """Whether a body, where the method has one, is JSON to be read."""


@dataclass(frozen=True)
class Protocol:
    """One API."""

    name: str
    paths: tuple[Path, ...]
    prefixes: tuple[str, ...]
    """What paths that belong to it begin with, so that unknown ones get an error it understands."""
    error_body: Callable[[Problem], dict[str, Any]]
    """An error as the document that this API's clients expect."""
    error_event: Callable[[Problem], bytes]
    """An error in the middle of a stream, with whatever ends the stream."""
    marked_by: bytes | None = None
    """A header that only its clients send: where a path is in two APIs, it tells which is meant."""


def error_response(protocol: Protocol, problem: Problem) -> Response:
    """An error as an answer."""
    from starlette.responses import JSONResponse

    headers = {}
    if problem.retry_seconds is not None:
        headers["Retry-After"] = str(problem.retry_seconds)
    if problem.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    if problem.allow:
        headers["Allow"] = ", ".join(problem.allow)
    return JSONResponse(protocol.error_body(problem), problem.status, headers)
