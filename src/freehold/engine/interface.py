"""What it means to run a model: a plan to load, requests to answer, and the numbers of each answer.

Every engine passes the same contract suite (tests/engine/test_contract.py). An engine takes a
path and a frozen plan; it doesn't know where a model came from, what it is called or who owns it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, Self

# These are parts of the interface.
from freehold.engine.load_plan import LoadPlan as LoadPlan
from freehold.engine.reply import Delta as Delta
from freehold.engine.reply import Embeddings as Embeddings
from freehold.engine.reply import Finished as Finished
from freehold.engine.reply import Piece as Piece
from freehold.engine.reply import Ranking as Ranking
from freehold.engine.reply import ToolCallDelta as ToolCallDelta
from freehold.engine.reply import Usage as Usage
from freehold.engine.request import ChatRequest as ChatRequest
from freehold.engine.request import EmbedRequest as EmbedRequest
from freehold.engine.request import Message as Message
from freehold.engine.request import Place as Place
from freehold.engine.request import RerankRequest as RerankRequest
from freehold.engine.request import Sampling as Sampling
from freehold.engine.request import TextRequest as TextRequest
from freehold.engine.request import Tool as Tool
from freehold.engine.request import Tools as Tools


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
    sees: bool = False
    """Whether pictures can be shown to it."""
    knows_tools: bool = False
    """Whether its template has words for tools; without, tools are told in plain words."""


@dataclass(frozen=True)
class HeldMemory:
    """What a loaded model holds, in bytes."""

    resident: int
    """In memory, mapped weights included."""
    own: int
    """The part that nothing but ending it gives back: not the pages of a mapped file."""


class Answer(Protocol):
    """An answer as it is made: deltas, then one `Finished`.

    Iterating raises ContextExceeded, EngineError or WorkerDied. An exception that arrives while
    waiting for the next piece (Ctrl-C) closes the answer.
    """

    def __iter__(self) -> Self: ...

    def __next__(self) -> Piece: ...

    def close(self) -> None:
        """Stop the engine's work on it. Harmless twice; safe from another thread."""


class AsyncAnswer(Protocol):
    """An answer for an event loop: the same pieces, as many at a time as have come.

    Raises what `Answer` raises. Being cancelled while it waits closes it.
    """

    def __aiter__(self) -> Self: ...

    async def __anext__(self) -> Sequence[Piece]: ...

    def close(self) -> None:
        """Stop the engine's work on it. Harmless twice."""


class AsyncModel(Protocol):
    """A loaded model for the event loop that it is used in."""

    def chat(self, request: ChatRequest) -> AsyncAnswer:
        """Answer a conversation. The work begins with the first wait for a piece."""

    def complete(self, request: TextRequest) -> AsyncAnswer:
        """Continue a text."""

    async def embed(self, request: EmbedRequest) -> Embeddings:
        """Vectors. Only a model that was loaded for it (`LoadPlan.purpose`) can."""

    async def rerank(self, request: RerankRequest) -> Ranking:
        """Scores. Only a model that was loaded for it (`LoadPlan.purpose`) can."""

    async def tokenize(self, text: str, special: bool = False) -> list[int]:
        """See `Model.tokenize`."""

    async def detokenize(self, ids: list[int]) -> str:
        """See `Model.detokenize`."""

    async def render(self, request: ChatRequest) -> str:
        """A conversation, its tools included, as the chat template writes it."""

    async def keep_state(self, slot: int, name: str) -> int:
        """Write what a place has read to a file in `LoadPlan.states`; how many tokens it is.

        Only while nothing is answered in that place.
        """

    async def recall_state(self, slot: int, name: str) -> int:
        """Put what `keep_state` wrote into a place, and say how many tokens it is.

        How much of it a request goes on from is for that request's `Usage.cached_tokens` to say.
        Raises EngineError for a file that is none or another model's.
        """

    def close(self) -> None:
        """Let go of what the event loop holds. Harmless twice; the model is closed by itself."""


class Model(Protocol):
    """A loaded model. Requests may come from several threads."""

    @property
    def facts(self) -> ModelFacts:
        """What the engine says of it."""

    def chat(self, request: ChatRequest) -> Answer:
        """Answer a conversation. Returns before the prompt is read."""

    def complete(self, request: TextRequest) -> Answer:
        """Continue a text. Returns before the prompt is read."""

    def tokenize(self, text: str, special: bool = False, begin: bool = False) -> list[int]:
        """The token ids of a text.

        With `special`, marks of special tokens are read as those tokens, not letter by letter.
        With `begin`, the mark that begins a prompt is put before it, where the model wants one.
        """

    def detokenize(self, ids: list[int]) -> str:
        """The text of token ids."""

    def render(self, messages: tuple[Message, ...]) -> str:
        """A conversation as the chat template writes it, up to where the answer begins."""

    def asynchronous(self) -> AsyncModel:
        """The same model for an event loop. It ends with this one."""

    def alive(self) -> bool:
        """Whether it could answer: False once its process has ended or it was closed."""

    def memory(self) -> HeldMemory:
        """What the engine holds now."""

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
