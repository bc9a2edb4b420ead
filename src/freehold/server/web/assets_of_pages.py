"""Scripts, styles and pictures of the pages, from the package itself."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING

from starlette.responses import Response

from freehold.server.problem import NoSuchThing

if TYPE_CHECKING:
    from freehold.server.protocol import Call

_TYPES = {
    "js": "text/javascript; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "svg": "image/svg+xml",
}


@dataclass(frozen=True)
class Asset:
    """One file, and the mark by which a browser knows whether it has it already."""

    content: bytes
    kind: str
    etag: str


async def asset(call: Call) -> Response:
    """One file; nothing but its mark where the browser has it."""
    name = call.request.path_params["name"]
    found = assets().get(name)
    if found is None:
        raise NoSuchThing(f"There is nothing at {call.request.url.path}.")
    headers = {
        "ETag": found.etag,
        "Cache-Control": "no-cache",
        "X-Content-Type-Options": "nosniff",
    }
    known = call.request.headers.get("if-none-match", "")
    if found.etag in (each.strip().removeprefix("W/") for each in known.split(",")):
        return Response(status_code=304, headers=headers)
    return Response(found.content, media_type=found.kind, headers=headers)


@cache
def assets() -> dict[str, Asset]:
    """All of them, by name: no name that a client sends is ever made into a path."""
    found = {}
    for entry in (files(__package__) / "assets").iterdir():
        kind = _TYPES.get(entry.name.rpartition(".")[2])
        if kind is not None:
            content = entry.read_bytes()
            mark = hashlib.sha256(content).hexdigest()[:32]
            found[entry.name] = Asset(content, kind, f'"{mark}"')
    return found
