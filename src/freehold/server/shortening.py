"""Making a conversation fit by leaving its oldest turns out: only when a client asks for it.

What begins a conversation (its system prompt) and its last question stay. It doesn't know tokens
of single turns: it goes by their share of the text, and whoever calls it tries again.
"""

from __future__ import annotations

from collections.abc import Sequence

from freehold.engine.request import ChatRequest, Message
from freehold.errors import ContextExceeded

_ROOM = 256
"""Tokens to leave for an answer, when nothing says how long it may be."""


def shortened(request: ChatRequest, error: ContextExceeded) -> tuple[Message, ...] | None:
    """The turns without the oldest ones; None when nothing more can be left out.

    A conversation goes on with a question: what answered a question that is left out goes with it.
    """
    turns = list(request.messages)
    begin = _after_system(turns)
    last = max((i for i, turn in enumerate(turns) if turn.role == "user"), default=0)
    room = min(request.sampling.max_tokens or _ROOM, error.context_tokens // 4)
    over = error.prompt_tokens + room - error.context_tokens
    weight = error.prompt_tokens / max(1, sum(map(_length, turns)))
    end = begin
    while end < last and (over > 0 or turns[end].role != "user" or end == begin):
        over -= round(weight * _length(turns[end]))
        end += 1
    return tuple(turns[:begin] + turns[end:]) if end > begin else None


def _after_system(turns: Sequence[Message]) -> int:
    return next((i for i, turn in enumerate(turns) if turn.role != "system"), len(turns))


def _length(turn: Message) -> int:
    """In characters, and some for the marks around a turn."""
    return 8 + len(turn.content) + sum(len(call.arguments) for call in turn.tool_calls)
