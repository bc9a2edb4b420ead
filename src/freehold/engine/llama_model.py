"""A model in a process of its own: requests go to its llama-server, the rest to the process."""

from __future__ import annotations

from functools import cached_property, partial
from typing import TYPE_CHECKING, Any, Self

from freehold.engine import llama_api, llama_events
from freehold.engine.guest import Ready
from freehold.engine.host import Host
from freehold.engine.interface import (
    Answer,
    ChatRequest,
    HeldMemory,
    Message,
    ModelFacts,
    Piece,
    Sampling,
    TextRequest,
)
from freehold.engine.llama_http import EventReader, LlamaServer
from freehold.engine.plain_tools import PlainCalls, in_plain_words
from freehold.engine.process_memory import process_memory
from freehold.engine.worker_log import WorkerLog
from freehold.errors import RequestRefused

if TYPE_CHECKING:
    from freehold.engine.llama_async import AsyncLlama


class LlamaCppModel:
    """See `interface.Model`."""

    def __init__(self, worker: Host, ready: Ready) -> None:
        self._worker = worker
        self._server = LlamaServer(ready.address, ready.key, worker.death)
        self.ready = ready
        """How the start went, in its parts."""

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._worker.pid

    @cached_property
    def _size(self) -> int:
        return int(self._server.ask("/v1/models")["data"][0]["meta"]["size"])

    @cached_property
    def facts(self) -> ModelFacts:
        """What llama.cpp says of the model; asked the first time it is wanted."""
        meta = self._server.ask("/v1/models")["data"][0]["meta"]
        props = self._server.ask("/props")
        return ModelFacts(
            context=props["default_generation_settings"]["n_ctx"],
            trained_context=meta["n_ctx_train"],
            vocabulary=meta["n_vocab"],
            parameters=meta["n_params"],
            chat_template=llama_api.own_template(props.get("chat_template")),
            load_seconds=self.ready.total_seconds,
            sees=bool(props["modalities"]["vision"]),
            knows_tools=bool(props["chat_template_caps"]["supports_tools"]),
        )

    def chat(self, request: ChatRequest) -> Answer:
        """Answer a conversation."""
        read: EventReader = llama_events.ChatEvents()
        if (tools := request.tools) and not self.facts.knows_tools:
            request = in_plain_words(request)
            read = _calling(read, PlainCalls(tools))
        body = llama_api.chat_body(request)
        read = self._reader(read, request.sampling)
        return self._server.stream("/v1/chat/completions", body, read)

    def complete(self, request: TextRequest) -> Answer:
        """Continue a text."""
        body = llama_api.text_body(request)
        read = self._reader(llama_events.text_events, request.sampling)
        return self._server.stream("/completion", body, read)

    def tokenize(self, text: str, special: bool = False, begin: bool = False) -> list[int]:
        """The token ids of a text."""
        body = llama_api.tokenize_body(text, special, begin)
        return [int(token) for token in self._server.ask("/tokenize", body)["tokens"]]

    def detokenize(self, ids: list[int]) -> str:
        """The text of token ids."""
        return str(self._server.ask("/detokenize", {"tokens": ids})["content"])

    def render(self, messages: tuple[Message, ...]) -> str:
        """A conversation as the chat template writes it."""
        body = {"messages": llama_api.messages(messages)}
        return str(self._server.ask("/apply-template", body)["prompt"])

    def asynchronous(self) -> AsyncLlama:
        """The same model for an event loop."""
        from freehold.engine.llama_async import (
            AsyncLlama,
        )  # asyncio is not for those who don't wait

        ready = self.ready
        watch = partial(_SchemaWatch, log=self._worker.log)
        return AsyncLlama(ready.address, ready.key, self._worker.death, self.facts, watch)

    def alive(self) -> bool:
        """Whether the worker is there."""
        return self._worker.alive()

    def memory(self) -> HeldMemory:
        """What the worker holds now."""
        return process_memory(self._worker.pid, self._size)

    def peak_memory(self) -> int:
        """The worker's resident bytes at their highest."""
        return self._worker.peak_memory()

    def close(self) -> None:
        """End the worker."""
        self._worker.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _reader(self, read: EventReader, sampling: Sampling) -> EventReader:
        return read if sampling.schema is None else _SchemaWatch(read, self._worker.log)


class _SchemaWatch:
    """Reads events, and the log beside them.

    llama.cpp says of a schema it cannot keep to only in its log, and then answers without it.
    """

    def __init__(self, read: EventReader, log: WorkerLog) -> None:
        self._read = read
        self._log = log
        self._seen = log.size()

    def __call__(self, event: dict[str, Any]) -> list[Piece]:
        if (size := self._log.size()) > self._seen:
            if complaint := self._log.schema_complaint(self._seen):
                raise RequestRefused(
                    f"llama.cpp cannot keep an answer to this schema: {complaint.rstrip('.')}.",
                    "Leave that part of the schema out.",
                )
            self._seen = size
        return list(self._read(event))


def _calling(read: EventReader, calls: PlainCalls) -> EventReader:
    return lambda event: calls(read(event))
