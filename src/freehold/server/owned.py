"""The owned models that can be served, for the lists that protocols give of them."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.server.desk import Desk
    from freehold.store.model import OwnedModel


async def owned_models(desk: Desk) -> list[OwnedModel]:
    """Every model that the engine can run, of every library that is there."""
    libraries = await asyncio.to_thread(desk.residence.libraries.all)
    return [
        model for library in libraries if library.present for model in library.models if model.runs
    ]


async def served_model(desk: Desk, name: str) -> OwnedModel:
    """The model of that name. Raises NotOwned or AmbiguousName."""
    return (await desk.residence.find(name)).model
