"""A worker's llama-server from an event loop: the path of every token that a server hands on.

It speaks HTTP by itself, on a bare asyncio protocol: the engine needs every core for the next
token, and each step in Python between its socket and the client's is time taken from it. Each
request has a connection of its own: closing it is how llama-server is told to stop.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Self
from urllib.parse import unquote, urlsplit

from freehold.engine import llama_api, llama_events
from freehold.engine.event_stream import Chunks, Lines
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
from freehold.engine.llama_http import EventReader, refusal
from freehold.engine.plain_tools import PlainCalls, in_plain_words
from freehold.engine.stop_words import StopWords
from freehold.errors import EngineError

Lost = Callable[[str], EngineError]
"""What a broken connection means; may take seconds to find out."""


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

    def _stream(
        self, path: str, body: dict[str, Any], read: EventReader, request: ChatRequest | TextRequest
    ) -> AsyncHttpAnswer:
        if request.sampling.schema is not None:
            read = self._watch(read)
        connection = _Connection(self._message(path, body), self._lost, read)
        return AsyncHttpAnswer(connection, self._address)

    async def _ask(self, path: str, body: dict[str, Any]) -> Any:
        connection = _Connection(self._message(path, body), self._lost, None)
        try:
            await connection.open(self._address)
            return json.loads(await connection.document())
        finally:
            connection.close()

    def _message(self, path: str, body: dict[str, Any]) -> bytes:
        content = json.dumps(body).encode()
        key = f"Authorization: Bearer {self._key}\r\n" if self._key else ""
        head = (
            f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(content)}\r\nConnection: close\r\n{key}\r\n"
        )
        return head.encode() + content


class AsyncHttpAnswer:
    """See `interface.AsyncAnswer`."""

    def __init__(self, connection: _Connection, address: Any) -> None:
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
        if isinstance(pieces[-1], Finished):
            self.close()
        return pieces

    def close(self) -> None:
        """Hang up; the server stops its work."""
        self._begun = True
        self._connection.close()


class _Connection(asyncio.Protocol):
    """One request and its answer: either a document or a stream of events for `read`."""

    def __init__(self, message: bytes, lost: Lost, read: EventReader | None) -> None:
        self._message = message
        self._lost = lost
        self._read = read
        self._transport: asyncio.Transport | None = None
        self._wake: asyncio.Future[None] | None = None
        self._head = b""
        self._body = bytearray()
        self._status = 0
        self._chunks: Chunks | None = None
        self._lines = Lines()
        self._pieces: list[Piece] = []
        self._error: Exception | None = None
        self._over = False
        self._closed = False

    async def open(self, address: Any) -> None:
        """Connect and send. Raises what `lost` says when nobody listens."""
        if self._closed:
            return
        loop = asyncio.get_running_loop()
        try:
            if address.scheme == "unix":
                await loop.create_unix_connection(lambda: self, unquote(address.path))
            else:
                await loop.create_connection(lambda: self, address.hostname, address.port)
        except OSError as error:
            raise await asyncio.to_thread(self._lost, "answering") from error

    async def pieces(self) -> list[Piece]:
        """Those that have come; waits for one. None at all when it was closed."""
        while not self._pieces:
            if self._closed:
                return []
            if self._error is not None:
                raise self._error
            if self._over:
                await self._raise_end()
            await self._wait()
        pieces, self._pieces = self._pieces, []
        return pieces

    async def document(self) -> bytes:
        """The whole body. Raises EngineError when it is an error."""
        while not self._over:
            await self._wait()
        if self._status == 200:
            return bytes(self._body)
        await self._raise_end()
        raise AssertionError

    def close(self) -> None:
        """Hang up."""
        self._closed = True
        if self._transport is not None:
            self._transport.abort()
        self._rouse()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Called by asyncio."""
        assert isinstance(transport, asyncio.Transport)  # noqa: S101 - for the type checker
        self._transport = transport
        if self._closed:
            transport.abort()
        else:
            transport.write(self._message)

    def data_received(self, data: bytes) -> None:
        """Called by asyncio."""
        if self._status == 0:
            data = self._open_head(data)
        try:
            if self._chunks is not None:
                data = self._chunks.feed(data)
            if self._status != 200 or self._read is None:
                self._body += data
            elif data:
                for line in self._lines.feed(data):
                    self._hear(line, self._read)
        except Exception as error:  # noqa: BLE001 - it is raised where somebody waits
            self._error = error
        if self._pieces or self._error:
            self._rouse()

    def connection_lost(self, exc: Exception | None) -> None:
        """Called by asyncio."""
        self._over = True
        self._rouse()

    def _open_head(self, data: bytes) -> bytes:
        """Read the status once the headers are whole; what follows them is the body."""
        self._head += data
        head, end, rest = self._head.partition(b"\r\n\r\n")
        if not end:
            return b""
        self._status = int(head.split(None, 2)[1])
        if b"transfer-encoding: chunked" in head.lower():
            self._chunks = Chunks()
        return rest

    def _hear(self, line: bytes, read: EventReader) -> None:
        if line == b"[DONE]":
            return
        event = json.loads(line)
        if "error" in event:
            self._error = refusal(line)
        else:
            self._pieces += read(event)

    async def _raise_end(self) -> None:
        """The connection has ended without what was waited for."""
        if self._status not in {0, 200}:
            raise refusal(bytes(self._body))
        raise await asyncio.to_thread(self._lost, "answering")

    async def _wait(self) -> None:
        self._wake = asyncio.get_running_loop().create_future()
        await self._wake

    def _rouse(self) -> None:
        if self._wake is not None and not self._wake.done():
            self._wake.set_result(None)


def _calling(read: EventReader, calls: PlainCalls) -> EventReader:
    return lambda event: calls(read(event))
