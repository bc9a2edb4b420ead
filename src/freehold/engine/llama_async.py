"""A worker's llama-server from an event loop: the path of every token that a server hands on.

The bytes are `llama_connection`'s; here requests become bodies, and events pieces.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self
from urllib.parse import urlsplit

from freehold.engine import llama_api, llama_events
from freehold.engine.interface import (
    ChatRequest,
    Embeddings,
    EmbedRequest,
    Finished,
    ModelFacts,
    Piece,
    Ranking,
    RerankRequest,
    TextRequest,
)
from freehold.engine.llama_connection import LlamaConnection, Lost
from freehold.engine.llama_http import EventReader
from freehold.engine.llama_spares import Spares
from freehold.engine.plain_tools import PlainCalls, in_plain_words
from freehold.engine.stop_words import StopWords


class AsyncLlama:
    """See `interface.AsyncModel`."""

    def __init__(
        self,
        address: str,
        key: str | None,
        lost: Lost,
        facts: ModelFacts,
        watch: Callable[[EventReader], EventReader],
    ) -> None:
        self._address = urlsplit(address)
        self._key = key
        self._lost = lost
        self._facts = facts
        self._watch = watch
        self._spares = Spares()

    def chat(self, request: ChatRequest) -> AsyncHttpAnswer:
        """Answer a conversation."""
        read: EventReader = llama_events.ChatEvents()
        if not self._facts.knows_tools:
            tools = request.tools
            request = in_plain_words(request)
            read = _calling(read, PlainCalls(tools)) if tools else read
        wanted = request.sampling
        if not wanted.name_stop or not wanted.stop:
            body = llama_api.chat_body(request)
        else:
            read = StopWords(read, wanted.stop, llama_events.counts_so_far)
            without = replace(request, sampling=replace(wanted, stop=()))
            body = llama_api.chat_body(without) | {"timings_per_token": True}
        return self._stream("/v1/chat/completions", body, read, request)

    def complete(self, request: TextRequest) -> AsyncHttpAnswer:
        """Continue a text."""
        body = llama_api.text_body(request)
        return self._stream("/completion", body, llama_events.text_events, request)

    async def embed(self, request: EmbedRequest) -> Embeddings:
        """Vectors."""
        document = await self._ask("/v1/embeddings", llama_api.embed_body(request))
        return llama_events.embeddings(document)

    async def rerank(self, request: RerankRequest) -> Ranking:
        """Scores."""
        document = await self._ask("/v1/rerank", llama_api.rerank_body(request))
        return llama_events.ranking(document)

    async def tokenize(self, text: str, special: bool = False) -> list[int]:
        """The token ids of a text."""
        document = await self._ask("/tokenize", llama_api.tokenize_body(text, special))
        return [int(token) for token in document["tokens"]]

    async def detokenize(self, ids: list[int]) -> str:
        """The text of token ids."""
        return str((await self._ask("/detokenize", {"tokens": ids}))["content"])

    async def render(self, request: ChatRequest) -> str:
        """A conversation as the chat template writes it."""
        if not self._facts.knows_tools:
            request = in_plain_words(request)
        return str((await self._ask("/apply-template", llama_api.template_body(request)))["prompt"])

    async def keep_state(self, slot: int, name: str) -> int:
        """Write what a place has read to a file."""
        document = await self._ask(f"/slots/{slot}?action=save", {"filename": name})
        return int(document["n_saved"])

    async def recall_state(self, slot: int, name: str) -> int:
        """Read it back."""
        document = await self._ask(f"/slots/{slot}?action=restore", {"filename": name})
        return int(document["n_restored"])

    def close(self) -> None:
        """Let go of the connections that are kept."""
        self._spares.close()

    def _stream(
        self, path: str, body: dict[str, Any], read: EventReader, request: ChatRequest | TextRequest
    ) -> AsyncHttpAnswer:
        if request.sampling.schema is not None:
            read = self._watch(read)
        message = self._message(path, body, stay=True)
        connection = LlamaConnection(message, self._lost, read, self._spares)
        return AsyncHttpAnswer(connection, self._address)

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        connection = LlamaConnection(self._message(path, body), self._lost, None)
        try:
            await connection.open(self._address)
            return json.loads(await connection.document())
        finally:
            connection.close()

    def _message(self, path: str, body: dict[str, Any], *, stay: bool = False) -> bytes:
        content = json.dumps(body).encode()
        end = "" if stay else "Connection: close\r\n"
        key = f"Authorization: Bearer {self._key}\r\n" if self._key else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\n{end}{key}\r\n"
        )
        return head.encode() + content


class AsyncHttpAnswer:
    """See `interface.AsyncAnswer`."""

    def __init__(self, connection: LlamaConnection, address: Any) -> None:
        self._connection = connection
        self._address = address
        self._begun = False

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> list[Piece]:
        try:
            if not self._begun:
                self._begun = True
                await self._connection.open(self._address)
            pieces = await self._connection.pieces()
        except BaseException:
            self.close()
            raise
        if not pieces:
            raise StopAsyncIteration
        if isinstance(last := pieces[-1], Finished):
            if last.stopped_by is None:
                self._connection.release()
            else:  # the engine may not know yet that this was the end
                self.close()
        return pieces

    def close(self) -> None:
        """Hang up; the server stops its work."""
        self._begun = True
        self._connection.close()


def _calling(read: EventReader, calls: PlainCalls) -> EventReader:
    return lambda event: calls(read(event))
