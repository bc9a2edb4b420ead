"""What it means to run a model: a plan to load, requests to answer, and the numbers of each answer.

Every engine passes the same contract suite (tests/engine/test_contract.py). An engine takes a
path and a frozen plan; it doesn't know where a model came from, what it is called or who owns it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, Self

from freehold.engine.load_plan import LoadPlan as LoadPlan  # part of the interface
from freehold.errors import UsageError

_SEEDS = 2**32 - 1  # the highest 32-bit value means "any seed" to llama.cpp


@dataclass(frozen=True)
class EngineIdentity:
    """Which engine it is, exactly: what was measured with one says nothing of another."""

    name: str
    version: str
    instructions: tuple[str, ...] = ()
    """Instruction sets that it was built to use, in its words; empty when it doesn't say."""

    def __str__(self) -> str:
        return " ".join((self.name, self.version, *self.instructions))


@dataclass(frozen=True)
class ModelFacts:
    """What the engine says of a model that it has loaded."""

    context: int
    """Tokens that one request may hold: the plan's, rounded up, at most `trained_context`."""
    trained_context: int
    vocabulary: int
    """How many different tokens there are."""
    parameters: int
    """How many weights there are."""
    chat_template: str | None
    """The template in use; None when neither the file nor the plan has one."""
    load_seconds: float
    """From starting to being ready."""


@dataclass(frozen=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


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
    past_the_end: bool = False
    """Go on where the model would end its answer: for measuring, with `max_tokens`."""

    def __post_init__(self) -> None:
        if self.max_tokens is not None and self.max_tokens < 1:
            raise UsageError(
                f"The most tokens to answer with must be 1 or more: {self.max_tokens}."
            )
        if self.seed is not None and not 0 <= self.seed < _SEEDS:
            raise UsageError(f"A seed is a whole number from 0 to {_SEEDS - 1}, not {self.seed}.")


@dataclass(frozen=True)
class ChatRequest:
    """Answer the last turn of a conversation, written out by the model's chat template."""

    messages: tuple[Message, ...]
    sampling: Sampling = Sampling()


@dataclass(frozen=True)
class TextRequest:
    """Continue a text. Marks of special tokens in it (`<|im_start|>`) are read as those tokens."""

    prompt: str
    sampling: Sampling = Sampling()


@dataclass(frozen=True)
class Delta:
    """A piece of an answer: whole characters, at least one."""

    text: str
    reasoning: bool = False
    """True for what a reasoning model says to itself before it answers."""


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
    """The end of an answer: it came to its end, or it ran out of room."""

    reason: Literal["stop", "length"]
    """`length`: `max_tokens` or the end of the context was reached."""
    usage: Usage


class Answer(Protocol):
    """An answer as it is made: deltas, then one `Finished`.

    Iterating raises ContextExceeded, EngineError or WorkerDied. An exception that arrives while
    waiting for the next piece (Ctrl-C) closes the answer.
    """

    def __iter__(self) -> Self: ...

    def __next__(self) -> Delta | Finished: ...

    def close(self) -> None:
        """Stop the engine's work on it. Harmless twice; safe from another thread."""


class Model(Protocol):
    """A loaded model. Requests may come from several threads."""

    @property
    def facts(self) -> ModelFacts:
        """What the engine says of it."""

    def chat(self, request: ChatRequest) -> Answer:
        """Answer a conversation. Returns before the prompt is read."""

    def complete(self, request: TextRequest) -> Answer:
        """Continue a text. Returns before the prompt is read."""

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """The token ids of a text, without the mark that begins a prompt.

        With `special`, marks of special tokens are read as those tokens, not letter by letter.
        """

    def detokenize(self, ids: list[int]) -> str:
        """The text of token ids."""

    def render(self, messages: tuple[Message, ...]) -> str:
        """A conversation as the chat template writes it, up to where the answer begins."""

    def peak_memory(self) -> int:
        """The most memory the engine has held so far: resident bytes, mapped weights included."""

    def close(self) -> None:
        """Let go of everything. Harmless twice."""

    def __enter__(self) -> Self: ...

    def __exit__(self, *exc: object) -> None: ...


class Loading(Protocol):
    """A model on its way. The caller can do other things, then wait."""

    def wait(self) -> Model:
        """The model, once. Raises ModelRefused, NotEnoughMemory or WorkerDied."""

    def close(self) -> None:
        """Give up, unless the model has been handed over. Harmless twice."""


class Engine(Protocol):
    """Something that runs models."""

    @property
    def name(self) -> str:
        """What it is called in messages and records."""

    def place(self) -> str:
        """Where it is, for a person. Raises EngineError when it is not there."""

    def identity(self) -> EngineIdentity:
        """Which one it is. It is asked in a process of its own, which takes a moment."""

    def fingerprint(self) -> str:
        """Changes whenever `identity` may have; costs next to nothing. Raises EngineError."""

    def start(self, plan: LoadPlan) -> Loading:
        """Begin to load, and return at once."""

    def load(self, plan: LoadPlan) -> Model:
        """Load and wait. Raises ModelRefused, NotEnoughMemory or WorkerDied."""
