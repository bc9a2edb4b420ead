"""Ask an owned model through the server that runs here: what it has in memory answers at once.

It speaks the server's OpenAI API on loopback. What was measured of an answer is what was seen from
here: waiting for a place in the model is part of it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from freehold.actions.load import LoadChoices, choose_context
from freehold.actions.server_file import known_server
from freehold.engine.interface import ChatRequest, Delta, Finished, Piece, TextRequest, Usage
from freehold.engine.llama_http import LlamaServer
from freehold.errors import (
    ContextExceeded,
    EngineError,
    FreeholdError,
    ModelRefused,
    NotEnoughMemory,
    RequestRefused,
    WorkerDied,
)
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Answer, Sampling
    from freehold.engine.reply import Reason
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel

_LEAST_CONTEXT = 4096
"""Tokens that a server gives a request at least, unless told or the model was made for fewer."""
_NO_SERVER = "--no-server asks without it."
_ERRORS: dict[str, type[EngineError]] = {
    "context_length_exceeded": ContextExceeded,
    "invalid_request": RequestRefused,
    "model_refused": ModelRefused,
    "not_enough_memory": NotEnoughMemory,
    "worker_died": WorkerDied,
}


def server_for(
    settings: Settings, model: OwnedModel, choices: LoadChoices, progress: Progress = SILENT
) -> ServedModel | None:
    """`model` as the running server has it; None when there is no server, or not for this.

    The server must own the model by its hash, let us in, and give it the context that is needed.
    """
    found = known_server(settings.home)
    if found is None:
        return None
    server, health = found
    served = ServedModel(server.address, settings.key, model, health)
    try:
        fits = served.gives(choices)
        if fits:
            served.look()
    except _KeyWanted as error:
        progress.note(f"{error.message} {error.hint}")
        return None
    except FreeholdError:  # it went, or does not know the model: the usual way says more
        return None
    return served if fits else None


class ServedModel:
    """A model that a server has in memory, or will. It is its own `Loading`: there already."""

    def __init__(self, address: str, key: str | None, owned: OwnedModel, health: Any) -> None:
        self.address = address
        self._owned = owned
        self._server = LlamaServer(address, key, self._lost, refusal)
        self._context = _context(health, owned.name)
        self.warm = self._context is not None
        """Whether it is in memory already."""

    @property
    def context(self) -> int:
        """Tokens that a request may hold; the fewest there can be until it is loaded."""
        if self._context is None:
            self._context = _context(self._server.ask("/health"), self._owned.name)
        return self._context or _LEAST_CONTEXT

    def gives(self, choices: LoadChoices) -> bool:
        """Whether it has the context that was asked for, or enough for the prompt at hand."""
        if choices.context is not None:
            return choices.context == self._context
        return choose_context(self._owned, choices) <= (self._context or _LEAST_CONTEXT)

    def look(self) -> None:
        """Make sure that it knows the model and lets us in. Raises EngineError."""
        self._server.ask(f"/v1/models/{self._owned.id}")

    def chat(self, request: ChatRequest) -> Answer:
        """Answer a conversation."""
        turns = [{"role": turn.role, "content": turn.content} for turn in request.messages]
        body: dict[str, Any] = {"messages": turns}
        if request.sampling.schema is not None:
            shape = {"name": "answer", "schema": json.loads(request.sampling.schema)}
            body["response_format"] = {"type": "json_schema", "json_schema": shape}
        return self._stream("/v1/chat/completions", body, request.sampling)

    def complete(self, request: TextRequest) -> Answer:
        """Continue a text."""
        return self._stream("/v1/completions", {"prompt": request.prompt}, request.sampling)

    def wait(self) -> Self:
        """Itself."""
        return self

    def close(self) -> None:
        """Nothing is held: it stays the server's."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def _stream(self, path: str, body: dict[str, Any], sampling: Sampling) -> Answer:
        body |= {
            "model": self._owned.id,
            "temperature": sampling.temperature,
            "max_tokens": sampling.max_tokens,
            "seed": sampling.seed,
            "stream": True,
            "stream_options": {"include_usage": True},
        }
        wanted = {name: value for name, value in body.items() if value is not None}
        reader = _EventReader(load_counts=not self.warm)
        self.warm = True
        return self._server.stream(path, wanted, reader.read)

    def _lost(self, _: str) -> EngineError:
        return WorkerDied(
            f"The server at {self.address} went away before its answer was whole.", _NO_SERVER
        )


class _EventReader:
    """Makes pieces of an answer out of OpenAI's events."""

    def __init__(self, *, load_counts: bool) -> None:
        """`load_counts`: the model has to be loaded first, so the wait says nothing of reading."""
        self._began = time.perf_counter()
        self._first: float | None = None
        self._load_counts = load_counts
        self._reason: Reason = "stop"

    def read(self, event: dict[str, Any]) -> Iterator[Piece]:
        """The pieces of one event. The one with the usage is the last."""
        now = time.perf_counter()
        for choice in event["choices"]:
            said = choice.get("delta", choice)
            text, thought = said.get("content", said.get("text")), said.get("reasoning_content")
            if text or thought:
                self._first = self._first or now
                yield Delta(text or thought, reasoning=not text)
            self._reason = choice["finish_reason"] or self._reason
        if not event["choices"]:
            yield Finished(self._reason, self._usage(event["usage"], now))

    def _usage(self, usage: dict[str, Any], now: float) -> Usage:
        first = self._first or now
        return Usage(
            prompt_tokens=usage["prompt_tokens"],
            cached_tokens=usage["prompt_tokens_details"]["cached_tokens"],
            answer_tokens=usage["completion_tokens"],
            prompt_seconds=0.0 if self._load_counts else first - self._began,
            answer_seconds=now - first,
        )


class _KeyWanted(EngineError):
    """The server wants a key, or another one."""


def refusal(content: bytes) -> EngineError:
    """A document of the server's, in which it refuses, as one of our errors."""
    try:
        error = json.loads(content)["error"]
        code, message = error["code"], str(error["message"])
    except (ValueError, KeyError, TypeError):
        return EngineError(f"The server answered with something unexpected: {content[:200]!r}.")
    if code in {"key_missing", "key_wrong"}:
        return _KeyWanted(
            "The running server wants a key, and FREEHOLD_KEY "
            f"{'is none that it knows' if code == 'key_wrong' else 'is not set'}.",
            "This answer comes from a process of its own.",
        )
    kind = _ERRORS.get(code, EngineError)
    return kind(message, None if kind is ContextExceeded else _NO_SERVER)


def _context(health: Any, name: str) -> int | None:
    """What the server gives each request to a model; None while it isn't loaded."""
    for each in health["models"]:
        if each["name"] == name and each["purpose"] == "answer" and not each["loading"]:
            return int(each["context"])
    return None
