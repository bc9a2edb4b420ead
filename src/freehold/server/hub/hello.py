"""Who shares here: proven with the owner's key, to whoever asks with a number of their own.

Signing is cheap and says nothing new, but each answer is another: none may be kept.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from freehold.share.introduction import introduce, is_nonce

if TYPE_CHECKING:
    from starlette.requests import Request

    from freehold.names import Digest
    from freehold.share.signing.identity import Identity

_HEADERS = {"Cache-Control": "no-store"}


class Hello:
    """Its one path."""

    def __init__(self, identity: Identity | None, listing: Digest) -> None:
        """`listing` is the hash of the list that is shared as long as this lives."""
        self._identity, self._listing = identity, listing
        self._listed_at = datetime.now(UTC)

    def routes(self) -> list[Route]:
        """What answers where."""
        return [Route("/freehold/hello", self._hello)]

    async def _hello(self, request: Request) -> Response:
        nonce = request.query_params.get("nonce", "")
        if not is_nonce(nonce):
            said = "Ask with a nonce of your own: 32 to 128 hexadecimal digits."
            return JSONResponse({"error": {"message": said}}, 400, _HEADERS)
        proof = introduce(self._identity, nonce, _asked(request), self._listing, self._listed_at)
        return JSONResponse(proof, headers=_HEADERS)


def _asked(request: Request) -> str:
    """The host as the asker calls it, which is one of ours, and the port where this is."""
    host = request.headers["host"].lower()
    bare = host if host.endswith("]") else host.rpartition(":")[0] or host
    server = request.scope.get("server")
    return f"{bare}:{server[1]}" if server else bare
