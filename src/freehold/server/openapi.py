"""A description of every API in OpenAPI 3.1, made of the protocols' own tables."""

from __future__ import annotations

import inspect
import re
from collections.abc import Sequence
from typing import Any

from starlette.responses import JSONResponse, Response

from freehold import __version__
from freehold.server.described import JSON, Described
from freehold.server.openapi_schemas import ERRORS, SCHEMAS
from freehold.server.protocol import Call, Path, Protocol

_PART = re.compile(r"\{(\w+)(?::\w+)?\}")


def described_at(path: str, protocols: Sequence[Protocol]) -> Path:
    """A path that gives the description."""

    async def openapi(call: Call) -> Response:
        """This description."""
        return JSONResponse(document(protocols))

    return Path("GET", path, openapi)


def document(protocols: Sequence[Protocol]) -> dict[str, Any]:
    """The description as JSON. Of a path in two APIs, the one that needs no header is described.

    What only our own pages ask for is no API, and may change with them.
    """
    paths: dict[str, dict[str, Any]] = {}
    apis = [protocol for protocol in protocols if protocol.name in ERRORS]
    for protocol in sorted(apis, key=lambda each: each.marked_by is not None):
        for path in protocol.paths:
            written = _PART.sub(r"{\1}", path.path)
            operations = paths.setdefault(written, {})
            operations.setdefault(path.method.lower(), _operation(protocol, path, written))
    errors = {protocol.name: ERRORS[protocol.name] for protocol in apis}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Freehold",
            "version": __version__,
            "description": "Models that are yours, by the APIs that programs already speak.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "security": [{}, {"key": []}],
        "paths": paths,
        "components": {
            "schemas": {f"{name}_error": schema for name, schema in errors.items()},
            "securitySchemes": {"key": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(protocol: Protocol, path: Path, written: str) -> dict[str, Any]:
    about = SCHEMAS.get((path.method, written), Described())
    told: dict[str, Any] = {
        "operationId": f"{protocol.name}_{path.method.lower()}_{_word(written)}",
        "summary": (inspect.getdoc(path.handler) or "").partition("\n")[0],
        "tags": [protocol.name],
        "responses": _answers(protocol, path, about),
    }
    if names := _PART.findall(written):
        told["parameters"] = [
            {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
            for name in names
        ]
    if about.takes is not None:
        told["requestBody"] = {"required": True, "content": {JSON: {"schema": about.takes}}}
    return told


def _answers(protocol: Protocol, path: Path, about: Described) -> dict[str, Any]:
    good: dict[str, Any] = {} if about.gives is None else {JSON: {"schema": about.gives}}
    good |= {kind: {"schema": {"type": "string"}} for kind in about.kinds}
    bad = {JSON: {"schema": {"$ref": f"#/components/schemas/{protocol.name}_error"}}}
    wrong: dict[str, Any] = {"description": "An error, in this API's shape."}
    if path.method != "HEAD":
        wrong["content"] = bad
    answer = {"description": "The answer."} | ({"content": good} if good else {})
    return {"200": answer, "4XX": wrong, "503": wrong}


def _word(path: str) -> str:
    return re.sub(r"\W+", "_", path).strip("_") or "root"
