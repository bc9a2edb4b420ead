"""The one thing every engine says of a prompt that does not fit."""

from __future__ import annotations

from freehold.errors import ContextExceeded


def too_long(prompt_tokens: int, context_tokens: int) -> ContextExceeded:
    """The error for a prompt that leaves no room for an answer."""
    hint = (
        "Shorten the prompt, begin a new conversation, or give more room with "
        f"--context {_room_for(prompt_tokens)}."
    )
    if prompt_tokens > context_tokens:
        return ContextExceeded.of(prompt_tokens, context_tokens, hint)
    error = ContextExceeded(
        f"The prompt is {prompt_tokens:,} tokens, which fills the whole context and leaves no room "
        "for an answer. Nothing was cut and nothing was run.",
        hint,
    )
    error.prompt_tokens, error.context_tokens = prompt_tokens, context_tokens
    return error


def _room_for(prompt_tokens: int) -> int:
    """The prompt and a fair answer, in steps of 1,024."""
    return (prompt_tokens + 512) // 1024 * 1024 + 1024
