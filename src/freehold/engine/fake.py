"""An engine that thinks nothing: in this process, at once, the same every time.

For the tests of everything that stands on an engine. A token is one byte of UTF-8, a chat is
written out as `role: content` lines, and the answer is what the last turn said, or whatever the
`reply` it was made with returns. Tools are called when the last turn names them. It passes the
same contract suite as the real one.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from freehold.engine.fake_model import FakeModel
from freehold.engine.interface import (
    ChatRequest,
    EngineIdentity,
    LoadPlan,
    TextRequest,
)
from freehold.errors import EngineError, ModelRefused

_OPENINGS = ("You said", "I heard", "So you say", "Noted", "It was", "In short")


def echo(request: ChatRequest | TextRequest) -> str:
    """What was said last, after an opening that the seed chooses."""
    said = request.messages[-1].content if isinstance(request, ChatRequest) else request.prompt
    return f"{_OPENINGS[(request.sampling.seed or 0) % len(_OPENINGS)]}: {said}"


@dataclass(frozen=True)
class FakeEngine:
    """Loads any file that begins as a GGUF does."""

    reply: Callable[[ChatRequest | TextRequest], str] = echo
    """What to answer. It may raise, as an engine might."""
    trained_context: int = 8192
    seconds_per_token: float = 0.0
    sees: bool = False
    seconds_to_load: float = 0.0
    loaded: list[FakeModel] = field(default_factory=list)
    """Every model that it has loaded, the last one last."""

    @property
    def name(self) -> str:
        """What it is called."""
        return "fake"

    def place(self) -> str:
        """Nowhere else."""
        return "here"

    def identity(self) -> EngineIdentity:
        """Always the same."""
        return EngineIdentity("fake", "1")

    def fingerprint(self) -> str:
        """Always the same."""
        return "fake"

    def start(self, plan: LoadPlan) -> FakeLoading:
        """Nothing needs starting."""
        return FakeLoading(self, plan)

    def load(self, plan: LoadPlan) -> FakeModel:
        """Look at the first bytes of the file. Raises ModelRefused."""
        return self.start(plan).wait()


class FakeLoading:
    """A model that is there as soon as it is asked for."""

    def __init__(self, engine: FakeEngine, plan: LoadPlan) -> None:
        self._engine = engine
        self._plan = plan
        self._given_up = threading.Event()

    def wait(self) -> FakeModel:
        """The model. Raises ModelRefused."""
        if self._given_up.wait(self._engine.seconds_to_load):
            raise EngineError("The model has been closed.")
        try:
            with self._plan.weights.open("rb") as file:
                magic = file.read(4)
        except OSError as error:
            raise ModelRefused(
                f"{self._plan.weights.name} cannot be read: {error.strerror}."
            ) from error
        if magic != b"GGUF":
            raise ModelRefused(f"{self._plan.weights.name} is not a GGUF file.")
        model = FakeModel(self._engine, self._plan)
        self._engine.loaded.append(model)
        return model

    def close(self) -> None:
        """Come no further."""
        self._given_up.set()
