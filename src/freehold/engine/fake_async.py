"""The fake engine for an event loop: the same pieces, one at a time, with a pause before each."""

from __future__ import annotations

from typing import Protocol, Self

from freehold.engine.fake_answer import FakeAnswer
from freehold.engine.interface import (
    ChatRequest,
    Embeddings,
    EmbedRequest,
    Piece,
    Ranking,
    RerankRequest,
    TextRequest,
)


class Thinking(Protocol):
    """What the fake model does for an event loop: at once, so that it keeps nobody waiting."""

    def chat(self, request: ChatRequest) -> FakeAnswer:
        """Answer a conversation."""

    def complete(self, request: TextRequest) -> FakeAnswer:
        """Continue a text."""

    def embed(self, request: EmbedRequest) -> Embeddings:
        """Vectors."""

    def rerank(self, request: RerankRequest) -> Ranking:
        """Scores."""

    def tokenize(self, text: str, special: bool = False) -> list[int]:
        """The bytes of a text."""

    def detokenize(self, ids: list[int]) -> str:
        """The text of bytes."""

    def written(self, request: ChatRequest) -> bytes:
        """A conversation as it is read."""

    def keep_state(self, slot: int, name: str) -> int:
        """Write what a place has read."""

    def recall_state(self, slot: int, name: str) -> int:
        """Read it back."""


class FakeAsyncModel:
    """See `interface.AsyncModel`."""

    def __init__(self, model: Thinking, pause: float) -> None:
        self._model = model
        self._pause = pause

    def chat(self, request: ChatRequest) -> FakeAsyncAnswer:
        """Answer a conversation."""
        return FakeAsyncAnswer(self._model.chat(request), self._pause)

    def complete(self, request: TextRequest) -> FakeAsyncAnswer:
        """Continue a text."""
        return FakeAsyncAnswer(self._model.complete(request), self._pause)

    async def embed(self, request: EmbedRequest) -> Embeddings:
        """Vectors."""
        return self._model.embed(request)

    async def rerank(self, request: RerankRequest) -> Ranking:
        """Scores."""
        return self._model.rerank(request)

    async def tokenize(self, text: str, special: bool = False) -> list[int]:
        """The bytes of a text."""
        return self._model.tokenize(text, special)

    async def detokenize(self, ids: list[int]) -> str:
        """The text of bytes."""
        return self._model.detokenize(ids)

    async def render(self, request: ChatRequest) -> str:
        """One line a turn."""
        return self._model.written(request).decode()

    async def keep_state(self, slot: int, name: str) -> int:
        """Write the bytes that a place has read."""
        return self._model.keep_state(slot, name)

    async def recall_state(self, slot: int, name: str) -> int:
        """Read them back."""
        return self._model.recall_state(slot, name)

    def close(self) -> None:
        """Nothing is held."""


class FakeAsyncAnswer:
    """See `interface.AsyncAnswer`."""

    def __init__(self, answer: FakeAnswer, pause: float) -> None:
        self._answer = answer
        self._pause = pause
        answer.pause = 0.0  # here it must not keep the loop waiting

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Piece]:
        import asyncio

        try:
            await asyncio.sleep(self._pause)
            return [next(self._answer)]
        except StopIteration:
            raise StopAsyncIteration from None
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Say no more."""
        self._answer.close()
