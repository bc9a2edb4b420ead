"""What other Freeholds ask: what is shared, bytes by their hash, the hashes of their chunks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from freehold.errors import FreeholdError
from freehold.server.hub.answers import FileAnswer, retry_headers
from freehold.share.peers import listing_bytes
from freehold.share.published import document

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.types import ASGIApp

    from freehold.names import Digest
    from freehold.server.hub.proven import ProvenFiles
    from freehold.share.published import PublishedFile
    from freehold.share.shelf import Shelf


class Peers:
    """Its paths, over one shelf."""

    def __init__(self, shelf: Shelf, proven: ProvenFiles) -> None:
        self._shelf, self._proven = shelf, proven
        self._list = document("models.json", "document", listing_bytes(shelf))

    def routes(self) -> list[Route]:
        """What answers where."""
        return [
            Route("/freehold/models.json", self._listing),
            Route("/freehold/blobs/sha256:{hex}", self._blob),
            Route("/freehold/chunks/sha256:{hex}", self._chunks),
        ]

    @property
    def listing(self) -> Digest:
        """The hash of the list, which our key vouches for."""
        return self._list.digest

    async def _listing(self, _: Request) -> Response:
        return Response(self._list.data, media_type="application/json")

    async def _blob(self, request: Request) -> ASGIApp:
        file = self._file(request)
        return _no("No such bytes are shared here.") if file is None else self._answer(file)

    async def _chunks(self, request: Request) -> ASGIApp:
        """The SHA-256 of each chunk of a file, 32 bytes each, as one file of its own."""
        file = self._file(request)
        if file is None or not file.chunks:
            return _no("No chunk hashes of such bytes are shared here.")
        return self._answer(document(f"{file.digest.hex}.chunks", "chunks", file.chunks))

    def _answer(self, file: PublishedFile) -> FileAnswer:
        return FileAnswer(file, self._proven, _refused)

    def _file(self, request: Request) -> PublishedFile | None:
        return self._shelf.files.get(request.path_params["hex"])


def _no(message: str) -> JSONResponse:
    return JSONResponse({"error": {"message": message}}, 404)


def _refused(error: FreeholdError, status: int) -> JSONResponse:
    return JSONResponse({"error": {"message": error.message}}, status, retry_headers(error))
