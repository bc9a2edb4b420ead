"""An engine that thinks nothing: in this process, at once, the same every time.

For the tests of everything that stands on an engine. A token is one byte of UTF-8, a chat is
written out as `role: content` lines, and the answer is what the last turn said, or whatever the
`reply` it was made with returns. It passes the same contract suite as the real one.
"""

from __future__ import annotations

import codecs
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import takewhile
from typing import Literal, Self

from freehold.engine.context_room import too_long
from freehold.engine.interface import (
    ChatRequest,
    Delta,
    EngineIdentity,
    Finished,
    LoadPlan,
    Message,
    ModelFacts,
    Sampling,
    TextRequest,
    Usage,
)
from freehold.engine.schema import parse_schema
from freehold.engine.schema_sample import sample
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

    def wait(self) -> FakeModel:
        """The model. Raises ModelRefused."""
        try:
            with self._plan.weights.open("rb") as file:
                magic = file.read(4)
        except OSError as error:
            raise ModelRefused(
                f"{self._plan.weights.name} cannot be read: {error.strerror}."
            ) from error
        if magic != b"GGUF":
            raise ModelRefused(f"{self._plan.weights.name} is not a GGUF file.")
        return FakeModel(self._engine, self._plan)

    def close(self) -> None:
        """Nothing was started."""


class FakeModel:
    """See `interface.Model`."""

    def __init__(self, engine: FakeEngine, plan: LoadPlan) -> None:
        self._engine = engine
        self._guesses = plan.speculation is not None
        self._kept = b""
        self._closed = False
        self.facts = ModelFacts(
            context=min(plan.context, engine.trained_context),
            trained_context=engine.trained_context,
            vocabulary=256,
            parameters=0,
            chat_template=plan.chat_template,
            load_seconds=0.0,
        )

    def chat(self, request: ChatRequest) -> FakeAnswer:
        """Answer a conversation."""
        return FakeAnswer(self._pieces(request, self.render(request.messages)))

    def complete(self, request: TextRequest) -> FakeAnswer:
        """Continue a text."""
        return FakeAnswer(self._pieces(request, request.prompt))

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """The bytes of a text."""
        return list(text.encode())

    def detokenize(self, ids: list[int]) -> str:
        """The text of bytes."""
        return bytes(ids).decode("utf-8", "replace")

    def render(self, messages: tuple[Message, ...]) -> str:
        """One line a turn."""
        return "".join(f"{turn.role}: {turn.content}\n" for turn in messages) + "assistant: "

    def peak_memory(self) -> int:
        """A number like any other."""
        return 1 << 20

    def close(self) -> None:
        """Refuse everything from here on."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _pieces(
        self, request: ChatRequest | TextRequest, prompt: str
    ) -> Iterator[Delta | Finished]:
        if self._closed:
            raise EngineError("The model has been closed.")
        read, room = prompt.encode(), self.facts.context
        if len(read) >= room:
            raise too_long(len(read), room)
        cached = self._reuse(read) if request.sampling.seed is None else 0
        answer = self._text(request).encode()
        most = min(request.sampling.max_tokens or room, room - len(read))
        if request.sampling.past_the_end and answer:
            answer *= most // len(answer) + 1
        made, decoder = 0, codecs.getincrementaldecoder("utf-8")()
        for token in answer[:most]:
            made += 1
            time.sleep(self._engine.seconds_per_token)
            if text := decoder.decode(bytes([token])):
                yield Delta(text)
        reason: Literal["stop", "length"] = "length" if len(answer) > most else "stop"
        self._kept = read + answer[:most]
        guessed = made - 1 if self._guesses and made else 0  # all but the first, and always right
        usage = Usage(
            len(read), cached, made, len(read) / 1e6, made / 1e6, guessed, accepted_tokens=guessed
        )
        yield Finished(reason, usage)

    def _text(self, request: ChatRequest | TextRequest) -> str:
        wanted = request.sampling
        if wanted.schema is not None:
            return json.dumps(sample(parse_schema(wanted.schema)), ensure_ascii=False)
        return _until(self._engine.reply(request), wanted)

    def _reuse(self, read: bytes) -> int:
        """How many first tokens are those of the last request; one is always read again."""
        same = takewhile(lambda pair: pair[0] == pair[1], zip(read[:-1], self._kept, strict=False))
        return sum(1 for _ in same)


class FakeAnswer:
    """See `interface.Answer`."""

    def __init__(self, pieces: Iterator[Delta | Finished]) -> None:
        self._pieces = pieces
        self._closed = False

    def __iter__(self) -> Self:
        return self

    def __next__(self) -> Delta | Finished:
        if self._closed:
            raise StopIteration
        return next(self._pieces)

    def close(self) -> None:
        """Say no more."""
        self._closed = True


def _until(text: str, sampling: Sampling) -> str:
    """The text up to the first of the words to stop at."""
    ends = [place for word in sampling.stop if (place := text.find(word)) >= 0]
    return text[: min(ends)] if ends else text
