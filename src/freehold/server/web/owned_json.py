"""What is owned, as the pages show it."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

from freehold.store.model import FileState

if TYPE_CHECKING:
    from starlette.responses import Response

    from freehold.server.desk import Desk
    from freehold.server.protocol import Call
    from freehold.store.model import OwnedModel


async def list_owned(call: Call) -> Response:
    """Every owned model, and which of them are in memory."""
    libraries = await asyncio.to_thread(call.desk.residence.libraries.all)
    models = [
        _model(call.desk, model, library.name, present=library.present)
        for library in libraries
        for model in library.models
    ]
    return JSONResponse({"models": models})


def _model(desk: Desk, model: OwnedModel, library: str, *, present: bool) -> dict[str, Any]:
    loaded = [each for each in desk.residence.models if each.owned.id == model.id]
    licence = model.licence
    return {
        "id": model.id,
        "name": model.name,
        "library": library,
        "present": present,
        "bytes": model.size,
        "quantization": model.facts.get("quantization"),
        "architecture": model.facts.get("architecture"),
        "parameters": model.facts.get("parameters"),
        "context": model.facts.get("context_length"),
        "runs": model.runs,
        "sees": any(file.role == "projector" for file in model.files),
        "licence": licence.spdx or licence.name,
        "licence_class": licence.kind,
        "state": model.health.value,
        "good": model.health is FileState.OK,
        "pinned": model.pinned,
        "from": [s.ref for s in model.sightings if not s.ref.startswith("file:")],
        "added": model.added_at.isoformat(timespec="seconds"),
        "loaded": any(not each.loading for each in loaded),
        "loading": any(each.loading for each in loaded),
        "busy": sum(each.slots.busy for each in loaded if not each.loading),
    }
