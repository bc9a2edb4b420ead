"""The way in for a person with a key: it becomes a cookie that no script can read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, RedirectResponse

from freehold.server.admission import COOKIE
from freehold.server.problem import Problem
from freehold.server.refusal import header
from freehold.server.web.document import bare_page

if TYPE_CHECKING:
    from starlette.responses import Response
    from starlette.types import Scope

    from freehold.server.protocol import Call

_YEAR = 365 * 24 * 3600


async def show_login(call: Call) -> Response:
    """The page that asks for a key, or finds it in its own address behind the #."""
    return bare_page("login", "Log in")


async def log_in(call: Call) -> Response:
    """Check a key and let this browser keep it. Raises KeyRefused."""
    from freehold.actions.api_keys import ApiKeys
    from freehold.server.problem import KeyRefused

    secret = call.body.needed_text("key").strip()
    key = ApiKeys(call.desk.residence.libraries.home).check(secret)
    if key is None:
        raise KeyRefused("This key opens nothing here.")
    answer = JSONResponse({"name": key.name})
    remember(answer, secret)
    return answer


async def log_out(call: Call) -> Response:
    """Let this browser forget its key."""
    answer = JSONResponse({"out": True})
    answer.delete_cookie(COOKIE, path="/", httponly=True, samesite="strict")
    return answer


def remember(answer: Response, secret: str) -> None:
    """Let the browser that gets this answer keep a key."""
    answer.set_cookie(COOKIE, secret, max_age=_YEAR, path="/", httponly=True, samesite="strict")


def way_in(scope: Scope, problem: Problem) -> Response | None:
    """Where to send a person who opens a page without a key; None for everything else."""
    if problem.status != 401 or scope["method"] != "GET":
        return None
    if not wants_html(header(scope, b"accept")):
        return None
    return RedirectResponse("/login", 303, {"Cache-Control": "no-store"})


def wants_html(accept: str | None) -> bool:
    """Whether a browser asks for a page to show, rather than a program for data."""
    return "text/html" in (accept or "").lower()
