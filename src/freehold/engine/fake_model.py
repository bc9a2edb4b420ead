"""The model of the fake engine: what it reads, says and keeps. See `fake`."""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import takewhile
from pathlib import Path
from typing import Literal, Self

from freehold.engine import fake_thoughts
from freehold.engine.context_room import too_long
from freehold.engine.fake_answer import FakeAnswer
from freehold.engine.fake_async import FakeAsyncModel
from freehold.engine.interface import (
    ChatRequest,
    Delta,
    Embeddings,
    EmbedRequest,
    Finished,
    HeldMemory,
    LoadPlan,
    Message,
    ModelFacts,
    Piece,
    Place,
    Ranking,
    RerankRequest,
    Sampling,
    TextRequest,
    Usage,
)
from freehold.engine.schema import parse_schema
from freehold.engine.schema_sample import sample
from freehold.engine.stop_words import first_word
from freehold.errors import EngineError, RequestRefused

_MEMORY = 1 << 20
_STATE = b"fake state\n"


class FakeModel:
    """See `interface.Model`."""

    def __init__(self, nature: fake_thoughts.Nature, plan: LoadPlan) -> None:
        self.plan = plan
        self.under_way = 0
        """How many answers are being made."""
        self.asked: list[ChatRequest | TextRequest] = []
        """Every request so far."""
        self._reply = nature.reply
        self._pause = nature.seconds_per_token
        self._guesses = plan.speculation is not None
        self._kept: dict[int, bytes] = {}
        self._closed = False
        self.facts = ModelFacts(
            context=min(plan.context, nature.trained_context),
            trained_context=nature.trained_context,
            vocabulary=256,
            parameters=0,
            chat_template=plan.chat_template,
            load_seconds=0.0,
            sees=nature.sees,
            knows_tools=True,
        )

    def chat(self, request: ChatRequest) -> FakeAnswer:
        """Answer a conversation."""
        return self._answer(self._pieces(request, self.written(request)))

    def complete(self, request: TextRequest) -> FakeAnswer:
        """Continue a text."""
        prompt = request.prompt
        read = prompt.encode() if isinstance(prompt, str) else bytes(prompt)
        return self._answer(self._pieces(request, read))

    def embed(self, request: EmbedRequest) -> Embeddings:
        """Vectors of eight numbers, alike for texts with the same letters."""
        self._must_be_for("embed")
        return fake_thoughts.embed(request)

    def rerank(self, request: RerankRequest) -> Ranking:
        """How many words of the query each document has."""
        self._must_be_for("rerank")
        return fake_thoughts.rerank(request)

    def tokenize(self, text: str, special: bool = False, begin: bool = False) -> list[int]:
        """The bytes of a text; nothing marks where it begins."""
        return list(text.encode())

    def detokenize(self, ids: list[int]) -> str:
        """The text of bytes."""
        return bytes(ids).decode("utf-8", "replace")

    def render(self, messages: tuple[Message, ...]) -> str:
        """One line a turn."""
        return "".join(f"{turn.role}: {turn.content}\n" for turn in messages) + "assistant: "

    def asynchronous(self) -> FakeAsyncModel:
        """The same model for an event loop."""
        return FakeAsyncModel(self, self._pause)

    def alive(self) -> bool:
        """Until it is closed, or a test says otherwise."""
        return not self._closed

    def memory(self) -> HeldMemory:
        """A number like any other."""
        return HeldMemory(_MEMORY, _MEMORY)

    def peak_memory(self) -> int:
        """A number like any other."""
        return _MEMORY

    def close(self) -> None:
        """Refuse everything from here on."""
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def check_open(self) -> None:
        """Raise EngineError once it is closed."""
        if self._closed:
            raise EngineError("The model has been closed.")

    def written(self, request: ChatRequest) -> bytes:
        """A conversation as it is read, tools first."""
        tools = (
            "".join(f"tool: {tool.name}\n" for tool in request.tools.offered)
            if request.tools
            else ""
        )
        return (tools + self.render(request.messages)).encode()

    def _answer(self, pieces: Iterator[Piece]) -> FakeAnswer:
        def ended() -> None:
            self.under_way -= 1

        self.under_way += 1
        return FakeAnswer(ended, pieces, self._pause)

    def _must_be_for(self, purpose: str) -> None:
        self.check_open()
        if self.plan.purpose != purpose:
            raise RequestRefused(f"The fake engine was not loaded to {purpose}.")

    def _pieces(self, request: ChatRequest | TextRequest, read: bytes) -> Iterator[Piece]:
        self.check_open()
        self.asked.append(request)
        room = self.facts.context
        if len(read) >= room:
            raise too_long(len(read), room)
        if isinstance(request, ChatRequest) and request.images and not self.facts.sees:
            raise EngineError("The fake engine refused the request: it sees nothing.")
        place = request.place or Place(0)
        reuse = request.sampling.seed is None and place.reuse
        cached = self._reuse(read, place.slot) if reuse else 0
        calls = fake_thoughts.calls(request)
        text, word = ("", None) if calls else self._text(request)
        answer = text.encode()
        most = min(request.sampling.max_tokens or room, room - len(read))
        if request.sampling.past_the_end and answer:
            answer *= most // len(answer) + 1
        yield from calls
        made = sum(len(call.arguments) for call in calls)
        for delta, tokens in self._said(answer[:most], request.sampling):
            made += tokens
            if delta is not None:
                yield delta
        self._kept[place.slot] = read + answer[:most]
        end = self._end(bool(calls), len(answer) > most, len(read), cached, made)
        named = request.sampling.name_stop and end.reason == "stop"
        yield replace(end, stopped_by=word if named else None)

    def _said(self, answer: bytes, wanted: Sampling) -> Iterator[tuple[Delta | None, int]]:
        decoder = codecs.getincrementaldecoder("utf-8")()
        unsaid = b""
        for token in answer:
            unsaid += bytes([token])
            text = decoder.decode(bytes([token]))
            if not text:
                yield None, 1
                continue
            yield Delta(text, False, fake_thoughts.chances(unsaid, wanted.alternatives)), 1
            unsaid = b""

    def _end(self, calls: bool, cut: bool, read: int, cached: int, made: int) -> Finished:
        reason: Literal["stop", "length", "tool_calls"] = "length" if cut else "stop"
        guessed = made - 1 if self._guesses and made else 0  # all but the first, and always right
        usage = Usage(read, cached, made, read / 1e6, made / 1e6, guessed, accepted_tokens=guessed)
        return Finished("tool_calls" if calls else reason, usage)

    def keep_state(self, slot: int, name: str) -> int:
        """Write the bytes that a place has read, marked as this engine's."""
        kept = self._kept.get(slot, b"")
        (self._states() / name).write_bytes(_STATE + kept)
        return len(kept)

    def recall_state(self, slot: int, name: str) -> int:
        """Read them back."""
        try:
            data = (self._states() / name).read_bytes()
        except OSError as error:
            raise EngineError(
                f"The fake engine cannot read the state: {error.strerror}."
            ) from error
        if not data.startswith(_STATE):
            raise EngineError("The fake engine did not write this state.")
        self._kept[slot] = data.removeprefix(_STATE)
        return len(self._kept[slot])

    def _states(self) -> Path:
        self.check_open()
        if self.plan.states is None:
            raise RequestRefused("The fake engine was given no folder for states.")
        return self.plan.states

    def _text(self, request: ChatRequest | TextRequest) -> tuple[str, str | None]:
        """What to say, and the word that ended it."""
        wanted = request.sampling
        if wanted.schema is not None:
            return json.dumps(sample(parse_schema(wanted.schema)), ensure_ascii=False), None
        text = self._reply(request)
        found = first_word(text, wanted.stop)
        return (text, None) if found is None else (text[: found[0]], found[1])

    def _reuse(self, read: bytes, slot: int) -> int:
        """How many first tokens are those of the last request; one is always read again."""
        kept = self._kept.get(slot, b"")
        same = takewhile(lambda pair: pair[0] == pair[1], zip(read[:-1], kept, strict=False))
        return sum(1 for _ in same)
