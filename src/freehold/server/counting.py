"""How many tokens a conversation is, as the model that is asked would read it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.engine.request import ChatRequest
    from freehold.server.desk import Desk


async def prompt_tokens(desk: Desk, model: str, request: ChatRequest) -> int:
    """Its tokens, tools included and pictures aside."""
    async with desk.residence.use(model) as loaded:
        text = await loaded.live.render(loaded.recipe.applied_to_chat(request))
        return len(await loaded.live.tokenize(text, special=True))
