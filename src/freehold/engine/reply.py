"""What a model answers with: pieces of text, of calls and of thoughts, then the numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Reason = Literal["stop", "length", "tool_calls"]


@dataclass(frozen=True, slots=True)
class Alternative:
    """A token that could have been chosen."""

    token: str
    bytes: bytes
    logprob: float
    """Natural logarithm of its probability."""


@dataclass(frozen=True, slots=True)
class TokenChance:
    """How likely a token was that was chosen, and what else was."""

    chosen: Alternative
    others: tuple[Alternative, ...]
    """The likeliest, best first; the chosen one may be among them."""


@dataclass(frozen=True, slots=True)
class Delta:
    """A piece of an answer: whole characters, at least one."""

    text: str
    reasoning: bool = False
    """True for what a reasoning model says to itself before it answers."""
    chances: tuple[TokenChance, ...] = ()
    """How likely its tokens were, where that was asked for."""


@dataclass(frozen=True, slots=True)
class ToolCallDelta:
    """A piece of a call. The first of each `index` has its id and name."""

    index: int
    arguments: str
    """More of the JSON."""
    id: str | None = None
    name: str | None = None


@dataclass(frozen=True)
class Usage:
    """What an answer took."""

    prompt_tokens: int
    cached_tokens: int
    """How many of the prompt's tokens were kept from an earlier request and not read again."""
    answer_tokens: int
    prompt_seconds: float
    answer_seconds: float
    drafted_tokens: int = 0
    """Tokens guessed by speculation."""
    accepted_tokens: int = 0
    """Guesses that were right."""

    @property
    def prompt_rate(self) -> float | None:
        """Prompt tokens read per second, the cached ones aside; None when nothing was read."""
        return _rate(self.prompt_tokens - self.cached_tokens, self.prompt_seconds)

    @property
    def answer_rate(self) -> float | None:
        """Answer tokens made per second; None when nothing was made."""
        return _rate(self.answer_tokens, self.answer_seconds)


def _rate(count: int, seconds: float) -> float | None:
    return count / seconds if count > 0 and seconds > 0 else None


@dataclass(frozen=True)
class Finished:
    """The end of an answer: it came to its end, wants tools called, or ran out of room."""

    reason: Reason
    """`length`: `max_tokens` or the end of the context was reached."""
    usage: Usage
    stopped_by: str | None = None
    """Which of `Sampling.stop` ended it, where `Sampling.name_stop` asked for that."""


Piece = Delta | ToolCallDelta | Finished


@dataclass(frozen=True)
class Embeddings:
    """One vector for each input, as little-endian 32-bit floats."""

    vectors: tuple[bytes, ...]
    tokens: int
    """How many tokens the inputs were, all together."""


@dataclass(frozen=True)
class Ranking:
    """One score for each document, in the order they were given: higher fits better."""

    scores: tuple[float, ...]
    tokens: int
