"""Cutting texts that are to become vectors at their end, only where a client asks for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.engine.interface import EmbedRequest

if TYPE_CHECKING:
    from freehold.engine.interface import AsyncModel

_MARKS = 8
"""Tokens that may be added to a text: marks of its beginning and its end."""


async def cut_to_fit(
    live: AsyncModel, context: int, request: EmbedRequest
) -> tuple[EmbedRequest, int]:
    """Texts for vectors, each cut at its end so that it fits, and how many were."""
    cut, inputs = 0, list(request.inputs)
    for index, text in enumerate(request.inputs):
        ids = list(text) if not isinstance(text, str) else await live.tokenize(text)
        if len(ids) > context - _MARKS:
            inputs[index] = await live.detokenize(ids[: context - _MARKS])
            cut += 1
    return EmbedRequest(tuple(inputs)), cut
