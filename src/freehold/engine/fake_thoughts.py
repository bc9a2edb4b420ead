"""What a fake model is like, and what it makes up beside words: calls, chances, vectors, scores."""

from __future__ import annotations

import json
import math
import struct
from collections.abc import Callable
from typing import Protocol

from freehold.engine.reply import Alternative, Embeddings, Ranking, TokenChance, ToolCallDelta
from freehold.engine.request import ChatRequest, EmbedRequest, RerankRequest, TextRequest, Tool
from freehold.engine.schema_sample import sample

_WIDTH = 8


class Nature(Protocol):
    """What a fake model is like: what its engine was made with."""

    @property
    def reply(self) -> Callable[[ChatRequest | TextRequest], str]:
        """What to answer."""

    @property
    def trained_context(self) -> int:
        """Tokens that it can hold."""

    @property
    def seconds_per_token(self) -> float:
        """How slow it is."""

    @property
    def sees(self) -> bool:
        """Whether pictures can be shown to it."""


def calls(request: ChatRequest | TextRequest) -> list[ToolCallDelta]:
    """The calls to make: of the tools that the last turn names, or of one that must be called."""
    if not isinstance(request, ChatRequest) or request.tools is None or not request.messages:
        return []
    last, usable = request.messages[-1], request.tools.usable
    named = [tool for tool in usable if tool.name in last.content and last.role != "tool"]
    if request.tools.choice == "required":
        named = named or list(usable[:1])
    if not request.tools.parallel:
        named = named[:1]
    return [piece for index, tool in enumerate(named) for piece in _call(index, tool)]


def _call(index: int, tool: Tool) -> list[ToolCallDelta]:
    """In two pieces, as engines send them."""
    arguments = json.dumps(sample(json.loads(tool.parameters)))
    return [
        ToolCallDelta(index, arguments[:1], f"call_{index}_{tool.name}", tool.name),
        ToolCallDelta(index, arguments[1:]),
    ]


def chances(tokens: bytes, alternatives: int | None) -> tuple[TokenChance, ...]:
    """Each token with the numbers after it as its alternatives, each less likely by half."""
    if alternatives is None:
        return ()
    return tuple(
        TokenChance(
            _alternative(token, 0), tuple(_alternative(token, n) for n in range(alternatives))
        )
        for token in tokens
    )


def _alternative(token: int, place: int) -> Alternative:
    raw = bytes([(token + place) % 256])
    return Alternative(raw.decode("latin-1"), raw, (place + 1) * math.log(0.5))


def embed(request: EmbedRequest) -> Embeddings:
    """How often each of eight kinds of bytes is in a text, as a vector of length one."""
    vectors, tokens = [], 0
    for each in request.inputs:
        raw = each.encode() if isinstance(each, str) else bytes(each)
        tokens += len(raw)
        counts = [sum(1 for byte in raw if byte % _WIDTH == kind) for kind in range(_WIDTH)]
        length = math.hypot(*counts) or 1.0
        vectors.append(struct.pack(f"<{_WIDTH}f", *(count / length for count in counts)))
    return Embeddings(tuple(vectors), tokens)


def rerank(request: RerankRequest) -> Ranking:
    """The share of the query's words that each document has."""
    wanted = set(request.query.lower().split())
    scores = [
        len(wanted & set(document.lower().split())) / max(1, len(wanted))
        for document in request.documents
    ]
    tokens = sum(len(text.encode()) for text in (request.query, *request.documents))
    return Ranking(tuple(scores), tokens)
