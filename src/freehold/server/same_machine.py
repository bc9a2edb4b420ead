"""Which names and pages may speak to this server: a defence against other people's web pages.

A page on the web can make a browser send requests to 127.0.0.1, and with a name that it controls
(DNS rebinding) it can even read the answers. So the Host header must be a name of this server, and
where a browser says which page a request comes from, it must be a page of this server or of an
origin that the owner allowed. Programs that are not browsers send no Origin and are not concerned.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import TYPE_CHECKING

from freehold.server.problem import Problem
from freehold.server.refusal import Refuse, header
from freehold.transfer.proxies import is_loopback

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

_HOST = re.compile(r"(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::(\d{1,5}))?")
_SAFE = {"GET", "HEAD", "OPTIONS"}
_CORS_DAY = b"86400"


class OwnHosts:
    """Lets through what is addressed to this server by one of its own names."""

    def __init__(
        self,
        app: ASGIApp,
        refuse: Refuse,
        names: Collection[str] = (),
        origins: Collection[str] = (),
        command: str = "serve",
    ) -> None:
        """`names` beside those of loopback; `origins` that may speak here beside our own pages.

        `command` is what the server was started by, for what its owner may do.
        """
        self._command = command
        self._app = app
        self._refuse = refuse
        self._names = frozenset(name.lower() for name in names)
        self._origins = frozenset(origin.rstrip("/") for origin in origins)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """See the module."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        origin = header(scope, b"origin")
        if problem := self._problem(scope, origin):
            await self._refuse(scope, problem)(scope, receive, send)
            return
        if origin in self._origins:
            await self._for_other_origin(scope, receive, send, str(origin))
            return
        await self._app(scope, receive, send)

    def _problem(self, scope: Scope, origin: str | None) -> Problem | None:
        host = header(scope, b"host") or ""
        if not self._is_ours(host):
            return Problem(
                403,
                "host_not_allowed",
                f"This server does not answer to the name {host[:80]!r}.",
                "Use 127.0.0.1, or let its owner allow the name: "
                f"freehold {self._command} --name NAME.",
            )
        if origin is not None and not self._may_speak(origin, host):
            return Problem(
                403,
                "origin_not_allowed",
                f"Pages of {origin[:80]!r} may not use this server.",
                "Its owner can allow them: freehold serve --origin ORIGIN.",
            )
        if origin is None and _sent_by_another_page(scope):
            return Problem(403, "origin_not_allowed", "Other web pages may not use this server.")
        return None

    def _is_ours(self, host: str) -> bool:
        found = _HOST.fullmatch(host)
        if not found:
            return False
        name = found[1].strip("[]").lower().rstrip(".")
        return name in self._names or is_loopback(name)

    def _may_speak(self, origin: str, host: str) -> bool:
        return origin in self._origins or origin in {f"http://{host}", f"https://{host}"}

    async def _for_other_origin(
        self, scope: Scope, receive: Receive, send: Send, origin: str
    ) -> None:
        allowed = [
            (b"access-control-allow-origin", origin.encode("latin-1")),
            (b"vary", b"Origin"),
        ]
        if scope["method"] == "OPTIONS" and header(scope, b"access-control-request-method"):
            asked = header(scope, b"access-control-request-headers") or ""
            await send(
                {
                    "type": "http.response.start",
                    "status": 204,
                    "headers": [
                        *allowed,
                        (b"access-control-allow-methods", b"GET, POST, DELETE, HEAD"),
                        (b"access-control-allow-headers", asked.encode("latin-1")),
                        (b"access-control-max-age", _CORS_DAY),
                    ],
                }
            )
            await send({"type": "http.response.body", "body": b""})
            return

        async def send_with_leave(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *allowed]
            await send(message)

        await self._app(scope, receive, send_with_leave)


def _sent_by_another_page(scope: Scope) -> bool:
    """What a browser says of a request without an Origin: pictures, scripts and forms of a page.

    To follow a link to a page of ours is fine; to load our answers into a foreign page is not.
    """
    site = header(scope, b"sec-fetch-site")
    if site not in {"cross-site", "same-site"}:
        return False
    return not (scope["method"] in _SAFE and header(scope, b"sec-fetch-mode") == "navigate")
