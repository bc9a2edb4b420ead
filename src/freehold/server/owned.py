"""What is owned, as every protocol sees it: the models that can be served, and letting one go."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.errors import TooBusy
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.server.desk import Desk
    from freehold.store.libraries import Found
    from freehold.store.model import OwnedModel
    from freehold.store.removal import RemovalReport


async def owned_models(desk: Desk) -> list[OwnedModel]:
    """Every model that the engine can run, of every library that is there."""
    libraries = await asyncio.to_thread(desk.residence.libraries.all)
    return [
        model for library in libraries if library.present for model in library.models if model.runs
    ]


async def served_model(desk: Desk, name: str) -> OwnedModel:
    """The model of that name. Raises NotOwned or AmbiguousName."""
    return (await desk.residence.find(name)).model


async def remove_owned(desk: Desk, found: Found) -> RemovalReport:
    """Stop owning a model, which leaves memory first.

    Raises TooBusy for one that is in use, UsageError for one that is pinned.
    """
    residence, model = desk.residence, found.model
    if not model.pinned:  # else it is not removed
        for loaded in residence.models:
            if loaded.owned.id != model.id:
                continue
            if loaded.users or loaded.loading:
                raise TooBusy(f"{model.name} is in use.", "Try again when it has answered.")
            await residence.unload(loaded)
        if desk.studio.model == model.id:
            await desk.studio.let_go()
    report = await asyncio.to_thread(found.store.remove, model)
    residence.forget_names()
    return report


def settings_of(desk: Desk) -> Settings:
    """The owner's settings, for the store that is served."""
    return replace(Settings.load(), home=desk.residence.libraries.home)
