"""The Hugging Face Hub's reading half, as `huggingface_hub`, transformers and llama.cpp use it.

They come here by HF_ENDPOINT. Errors say what they are in a header that those clients read.
https://huggingface.co/docs/hub/api
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse
from starlette.routing import Route

from freehold.errors import FreeholdError
from freehold.server.hub.answers import FileAnswer, retry_headers
from freehold.share import hugging_face

if TYPE_CHECKING:
    from collections.abc import Callable

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from freehold.server.hub.proven import ProvenFiles
    from freehold.share.shelf import Repository, Shelf


class HuggingFace:
    """Its paths, over one shelf."""

    def __init__(self, shelf: Shelf, proven: ProvenFiles) -> None:
        self._shelf, self._proven = shelf, proven

    def routes(self) -> list[Route]:
        """What answers where."""
        of_models = "/api/models/{org}/{name}"
        return [
            Route("/api/models", self._models),
            Route(of_models, self._about),
            Route(of_models + "/revision/{revision}", self._about),
            Route(of_models + "/refs", self._refs),
            Route(of_models + "/tree/{revision}", self._tree),
            Route(of_models + "/tree/{revision}/{folder:path}", self._tree),
            Route("/{org}/{name}/resolve/{revision}/{path:path}", self._file),
            Route("/{org}/{name}/raw/{revision}/{path:path}", self._file),
        ]

    async def _models(self, request: Request) -> ASGIApp:
        wanted = request.query_params.get("search", "").lower()
        found = hugging_face.models(self._shelf)
        return JSONResponse([each for each in found if wanted in each["id"].lower()])

    async def _about(self, request: Request) -> ASGIApp:
        return self._told(request, hugging_face.about)

    async def _refs(self, request: Request) -> ASGIApp:
        return self._told(request, hugging_face.refs)

    def _told(self, request: Request, tell: Callable[[Repository], dict[str, Any]]) -> ASGIApp:
        found = self._at(request)
        return _no(*found) if isinstance(found, tuple) else JSONResponse(tell(found))

    async def _tree(self, request: Request) -> ASGIApp:
        found = self._at(request)
        if isinstance(found, tuple):
            return _no(*found)
        folder = request.path_params.get("folder", "").strip("/")
        recursive = request.query_params.get("recursive", "").lower() in {"true", "1"}
        entries = hugging_face.tree(found, folder, recursive=recursive)
        if folder and not entries:
            return _no("EntryNotFound", f"There is no folder {folder!r} in {found.id}.", found)
        return JSONResponse(entries)

    async def _file(self, request: Request) -> ASGIApp:
        found = self._at(request)
        if isinstance(found, tuple):
            return _no(*found)
        path = request.path_params["path"]
        if (file := found.files.get(path)) is None:
            return _no("EntryNotFound", f"There is no file {path!r} in {found.id}.", found)
        headers = {
            "X-Repo-Commit": found.commit,
            "X-Linked-Etag": f'"{file.digest.hex}"',
            "X-Linked-Size": str(file.size),
        }
        return FileAnswer(file, self._proven, partial(_refused, found), headers)

    def _at(self, request: Request) -> Repository | tuple[str, str]:
        """The repository at the revision that is asked for, or the error that says what is not."""
        name = f"{request.path_params['org']}/{request.path_params['name']}"
        if (found := self._shelf.repositories.get(name)) is None:
            return "RepoNotFound", f"No model is shared as {name!r} here."
        revision = request.path_params.get("revision", hugging_face.BRANCH)
        if not hugging_face.is_revision(found, revision):
            return "RevisionNotFound", f"{name} has no revision {revision!r} here: ask for main."
        return found


def _no(code: str, message: str, repository: Repository | None = None) -> JSONResponse:
    headers = {"X-Error-Code": code, "X-Error-Message": message.encode("ascii", "replace").decode()}
    if repository is not None:
        headers["X-Repo-Commit"] = repository.commit
    return JSONResponse({"error": message}, 404, headers)


def _refused(repository: Repository, error: FreeholdError, status: int) -> JSONResponse:
    headers = {"X-Error-Message": error.message.encode("ascii", "replace").decode()}
    headers |= retry_headers(error)
    if status == 404:
        headers |= {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": repository.commit}
    return JSONResponse({"error": error.message}, status, headers)
