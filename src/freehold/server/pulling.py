"""Getting a model in the background, while whoever asked watches and may turn away.

The work is `actions.get` in a thread. Turning away ends it at its next step; what has been fetched
stays, and the next attempt goes on from there.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING

from freehold.actions.fetching import fetching
from freehold.actions.get import get
from freehold.server.owned import settings_of
from freehold.server.watched import Step, Watched, following
from freehold.store.store import Store

if TYPE_CHECKING:
    from freehold.names import ModelRef
    from freehold.server.desk import Desk
    from freehold.settings import Settings
    from freehold.sources.interface import Offer


async def pull(desk: Desk, ref: ModelRef) -> AsyncGenerator[Step, None]:
    """Own what is at `ref`, and tell how it goes. Raises what `get` raises."""
    watched = Watched()
    settings = settings_of(desk)
    work = asyncio.create_task(asyncio.to_thread(_get, settings, ref, watched))
    async with aclosing(following(watched, work)) as steps:
        async for step in steps:
            yield step
    await work
    desk.residence.forget_names()


def _get(settings: Settings, ref: ModelRef, watched: Watched) -> None:
    with Store.open(settings.home, watched) as store:
        get(store, settings, ref, progress=watched, told=partial(_told, watched))


def _told(watched: Watched, offer: Offer) -> None:
    """Which files are going to be fetched, before the first one is."""
    for file in offer.files:
        if file.sha256 is not None and all(piece.member is None for piece in file.pieces):
            watched.digests[fetching(file.name)] = str(file.sha256)
