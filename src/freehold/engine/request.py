"""What a model can be asked: conversations with pictures and tools, texts, vectors, an order.

Every protocol is translated into these words. Nothing here knows a protocol or an engine.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from freehold.errors import UsageError

_SEEDS = 2**32 - 1  # the highest 32-bit value means "any seed" to llama.cpp
MOST_ALTERNATIVES = 20
"""Most alternatives to a token that can be asked for."""

Role = Literal["system", "user", "assistant", "tool"]


@dataclass(frozen=True)
class Image:
    """A picture in a turn."""

    data: bytes
    media_type: str
    """Such as `image/png`."""
    at: int = 0
    """Where it stands in the turn's text, in characters."""


@dataclass(frozen=True)
class ToolCall:
    """A tool that a model wants to have called."""

    id: str
    name: str
    arguments: str
    """JSON, as the model wrote it."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Role
    content: str
    images: tuple[Image, ...] = ()
    tool_calls: tuple[ToolCall, ...] = ()
    """An assistant's."""
    answers_call: str | None = None
    """The id of the call whose result a `tool` turn is."""
    reasoning: str = ""
    """What an assistant said to itself before `content`."""


@dataclass(frozen=True)
class Tool:
    """Something that a model may ask its caller to do."""

    name: str
    description: str
    parameters: str
    """JSON Schema of its arguments, as text."""


@dataclass(frozen=True)
class Tools:
    """The tools of a request, and how free the model is in their use."""

    offered: tuple[Tool, ...]
    choice: Literal["auto", "none", "required"] = "auto"
    only: str | None = None
    """With `required`: the one to call."""
    parallel: bool = True
    """Whether several may be called at once."""

    def __post_init__(self) -> None:
        names = [tool.name for tool in self.offered]
        if self.only is not None and self.only not in names:
            raise UsageError(f"There is no tool {self.only!r} among those offered.")
        if self.choice == "required" and not names:
            raise UsageError("A tool is to be called, and none is offered.")

    @property
    def usable(self) -> tuple[Tool, ...]:
        """Those that may be called."""
        if self.choice == "none":
            return ()
        return tuple(tool for tool in self.offered if self.only in {None, tool.name})


@dataclass(frozen=True)
class Sampling:
    """How tokens are chosen. None leaves the engine's default.

    With a seed, the same request has the same answer each time (same file, plan, engine and
    machine; one request at a time). That costs the reuse of earlier turns: numbers read from a
    kept prompt differ in the last digits from numbers computed anew, and so may the answer.
    """

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    repeat_penalty: float | None = None
    seed: int | None = None
    max_tokens: int | None = None
    stop: tuple[str, ...] = ()
    schema: str | None = None
    """JSON Schema, as text: the answer will be JSON of that shape, as far as the engine knows
    the keywords used."""
    frequency_penalty: float | None = None
    presence_penalty: float | None = None
    alternatives: int | None = None
    """Say how likely each token was, and so many of its alternatives; None says nothing."""
    past_the_end: bool = False
    """Go on where the model would end its answer: for measuring, with `max_tokens`."""
    bias: tuple[tuple[int, float], ...] = ()
    """Token ids and what is added to their logits."""
    name_stop: bool = False
    """Say which of `stop` ended the answer. Only answers for an event loop do."""

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise UsageError(
                f"The most tokens to answer with must be 1 or more: {self.max_tokens}."
            )
        if self.seed is not None and not 0 <= self.seed < _SEEDS:
            raise UsageError(f"A seed is a whole number from 0 to {_SEEDS - 1}, not {self.seed}.")
        if self.alternatives is not None and not 0 <= self.alternatives <= MOST_ALTERNATIVES:
            raise UsageError(
                f"From 0 to {MOST_ALTERNATIVES} alternatives can be told, not {self.alternatives}."
            )


@dataclass(frozen=True)
class Place:
    """Where in a model with several places a request is answered."""

    slot: int
    reuse: bool = True
    """Whether the beginning that it shares with the last request there need not be read again."""


Scales = tuple[float, ...]
"""How strongly each of the plan's adapters is meant, in its order; 0 is not at all."""


@dataclass(frozen=True)
class ChatRequest:
    """Answer the last turn of a conversation, written out by the model's chat template."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()
    tools: Tools | None = None
    place: Place | None = None
    """None leaves it to the engine."""
    think: bool | None = None
    """Whether to think before answering, for models that can do both; None: as they usually do."""
    scales: Scales | None = None
    """None: the adapters as they were loaded."""

    @property
    def images(self) -> bool:
        """Whether any turn has a picture."""
        return any(turn.images for turn in self.messages)


@dataclass(frozen=True)
class TextRequest:
    """Continue a text. Marks of special tokens in it (`<|im_start|>`) are read as those tokens."""

    prompt: str | tuple[int, ...]
    """A text, or the ids of its tokens."""
    sampling: Sampling = Sampling()
    place: Place | None = None
    scales: Scales | None = None
    """None: the adapters as they were loaded."""


@dataclass(frozen=True)
class EmbedRequest:
    """Vectors for texts, or for token ids."""

    inputs: tuple[str | tuple[int, ...], ...]


@dataclass(frozen=True)
class RerankRequest:
    """How well each document answers a query."""

    query: str
    documents: tuple[str, ...]
