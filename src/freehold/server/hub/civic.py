"""The public data of `freehold act`, for other Freeholds: its list, and its files by their names.

What is in the list is read at each request: an update here is at once to be had there. No part of a
request is made into a path.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, BinaryIO

from starlette.responses import JSONResponse
from starlette.routing import Route

from freehold.actions.civic_files import data_here, is_intact, sources_folder
from freehold.civic.datasets import kept
from freehold.errors import DamagedModel, FreeholdError, NotOwned
from freehold.names import Digest
from freehold.server.hub.answers import FileAnswer
from freehold.share.published import PublishedFile, document

if TYPE_CHECKING:
    from pathlib import Path

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from freehold.civic.datasets.kept import Kept


class Civic:
    """Its paths, over the public files of one home."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._proven: set[str] = set()

    def routes(self) -> list[Route]:
        """What answers where."""
        return [Route("/freehold/civic/{name}", self._file)]

    async def _file(self, request: Request) -> ASGIApp:
        name = request.path_params["name"]
        try:
            listed = {each.name: each for each in data_here(self._home)}
        except FreeholdError as error:
            return _refused(error, 500)
        if name == kept.NAME:
            list_ = document(kept.NAME, "document", kept.written(listed.values()))
            return FileAnswer(list_, self, _refused)
        if name not in listed:
            return JSONResponse({"error": {"message": "No such file is shared here."}}, 404)
        entry = listed[name]
        digest = Digest.parse(f"sha256:{entry.sha256}")
        return FileAnswer(PublishedFile(name, "civic", digest, entry.size), self, _refused)

    async def open(self, digest: Digest) -> BinaryIO:
        """A file by its hash, proven once. Raises NotOwned, DamagedModel."""
        entry = next((each for each in data_here(self._home) if each.sha256 == digest.hex), None)
        if entry is None:
            raise NotOwned("It was replaced a moment ago.")
        self._prove(entry)
        return (sources_folder(self._home) / entry.name).open("rb")

    def _prove(self, entry: Kept) -> None:
        if entry.sha256 not in self._proven:
            if not is_intact(self._home, entry):
                raise DamagedModel(
                    f"{entry.name} is damaged here.", "freehold act update mends it."
                )
            self._proven.add(entry.sha256)


def _refused(error: FreeholdError, status: int) -> JSONResponse:
    return JSONResponse({"error": {"message": error.message}}, status)
