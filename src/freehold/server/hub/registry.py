"""A registry's reading half: `ollama pull`, and what OCI tools ask (`oras`, `skopeo`, Freehold).

A model is `freehold/NAME`. Its tag `latest` is Ollama's manifest for a client that accepts no OCI
manifest, which is how Ollama's asks, and a ModelPack artifact for every other; the tags `ollama`
and `modelpack` are always the one. https://github.com/opencontainers/distribution-spec
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from freehold.errors import FreeholdError
from freehold.formats.oci_layout import DOCKER_MANIFEST_TYPE, INDEX_TYPE, MANIFEST_TYPE
from freehold.names import Digest
from freehold.server.hub.answers import FileAnswer, retry_headers

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.requests import Request
    from starlette.types import ASGIApp

    from freehold.server.hub.proven import ProvenFiles
    from freehold.share.oci import Packed
    from freehold.share.shelf import Image, Shelf

LATEST, MODELPACK, OLLAMA = "latest", "modelpack", "ollama"
_VERSION = {"Docker-Distribution-Api-Version": "registry/2.0"}
_MANIFESTS = {"Accept-Ranges": "none", "Vary": "Accept", **_VERSION}


class Registry:
    """Its paths, over one shelf."""

    def __init__(self, shelf: Shelf, proven: ProvenFiles) -> None:
        self._shelf, self._proven = shelf, proven

    def routes(self) -> list[Route]:
        """What answers where."""
        return [
            Route("/v2/", self._ping),
            Route("/v2/_catalog", self._catalogue),
            Route("/v2/{org}/{name}/tags/list", self._tags),
            Route("/v2/{org}/{name}/manifests/{reference}", self._manifest),
            Route("/v2/{org}/{name}/blobs/{digest}", self._blob),
            Route("/v2/{rest:path}", self._unknown),
        ]

    async def _ping(self, _: Request) -> Response:
        return JSONResponse({}, headers=_VERSION)

    async def _catalogue(self, _: Request) -> Response:
        return JSONResponse({"repositories": sorted(self._shelf.images)}, headers=_VERSION)

    async def _tags(self, request: Request) -> Response:
        if (image := self._image(request)) is None:
            return _unknown_name(request)
        tags = [LATEST, MODELPACK, *([OLLAMA] if image.ollama else [])]
        return JSONResponse({"name": image.name, "tags": tags}, headers=_VERSION)

    async def _manifest(self, request: Request) -> Response:
        if (image := self._image(request)) is None:
            return _unknown_name(request)
        packed = _wanted(image, request)
        if packed is None:
            reference = request.path_params["reference"]
            return _error("MANIFEST_UNKNOWN", f"{image.name} has no {reference} here.")
        digest = str(packed.digest)
        headers = {"Docker-Content-Digest": digest, "ETag": f'"{digest}"', **_MANIFESTS}
        return Response(packed.manifest, headers=headers, media_type=packed.media_type)

    async def _blob(self, request: Request) -> ASGIApp:
        if (image := self._image(request)) is None:
            return _unknown_name(request)
        digest = _digest(request.path_params["digest"])
        file = image.blobs.get(digest) if digest else None
        if file is None:
            return _error("BLOB_UNKNOWN", f"{image.name} has no such blob here.")
        headers = {
            # Ollama's client asked where the bytes are, and for long took no answer without it.
            "Location": str(request.url),
            "Docker-Content-Digest": str(file.digest),
            "Content-Type": "application/octet-stream",
            **_VERSION,
        }
        return FileAnswer(file, self._proven, _refused, headers)

    async def _unknown(self, request: Request) -> Response:
        return _error("NAME_UNKNOWN", f"There is nothing at {request.url.path}.")

    def _image(self, request: Request) -> Image | None:
        return self._shelf.images.get(
            f"{request.path_params['org']}/{request.path_params['name']}".lower()
        )


def _wanted(image: Image, request: Request) -> Packed | None:
    """The manifest that a tag or a digest stands for, to this client."""
    reference = request.path_params["reference"]
    if reference == MODELPACK:
        return image.modelpack
    if reference == OLLAMA:
        return image.ollama
    if reference == LATEST:
        return image.ollama if _is_ollama(request) else image.modelpack
    return next((each for each in image.packed if str(each.digest) == reference), None)


def _is_ollama(request: Request) -> bool:
    accepted = ",".join(request.headers.getlist("accept")).lower()
    is_oci = MANIFEST_TYPE in accepted or INDEX_TYPE in accepted
    return DOCKER_MANIFEST_TYPE in accepted and not is_oci


def _digest(text: str) -> Digest | None:
    """A blob's name, as this protocol writes it and no other way."""
    try:
        return Digest(text.removeprefix("sha256:")) if text.startswith("sha256:") else None
    except FreeholdError:  # no hash, so nothing that there is
        return None


def _unknown_name(request: Request) -> Response:
    name = f"{request.path_params['org']}/{request.path_params['name']}"
    return _error("NAME_UNKNOWN", f"No model is shared as {name} here.")


def _error(
    code: str, message: str, status: int = 404, headers: Mapping[str, str] = _VERSION
) -> JSONResponse:
    return JSONResponse({"errors": [{"code": code, "message": message}]}, status, headers)


def _refused(error: FreeholdError, status: int) -> JSONResponse:
    code = "BLOB_UNKNOWN" if status == 404 else "UNAVAILABLE"
    return _error(code, error.message, status, {**_VERSION, **retry_headers(error)})
