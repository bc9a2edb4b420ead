"""A client for a server under load: asks for something at random and says how it ended."""

from __future__ import annotations

import json
import random
import socket
import struct
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPException, HTTPResponse
from typing import Any
from urllib.parse import urlsplit

_PATIENCE = 3600.0
"""Seconds without a byte, after which a request counts as lost."""
_MODEL = "smollm2"
_WORDS = [
    "river",
    "stone",
    "lamp",
    "winter",
    "bread",
    "letter",
    "garden",
    "window",
    "iron",
    "morning",
    "salt",
    "road",
]
Body = dict[str, Any]


@dataclass
class Asking:
    """One client, and the conversation that it is in."""

    address: str
    random: random.Random

    def __post_init__(self) -> None:
        self._said: list[dict[str, str]] = []

    def once(self) -> tuple[str, str]:
        """One request: what kind it was, and how it ended."""
        kinds = ("streamed", "whole", "conversation", "text", "vectors", "refused", "gone", "reset")
        kind = self.random.choices(kinds, (20, 15, 15, 10, 10, 5, 15, 10))[0]
        path = "/v1/chat/completions"
        body: Body = self.chat(stream=kind in {"streamed", "gone", "reset"})
        if kind == "conversation":
            body = self._continued()
        elif kind == "text":
            path, body = "/v1/completions", {"prompt": self._text(40), "max_tokens": 16}
        elif kind == "vectors":
            path, body = "/v1/embeddings", {"input": [self._text(20), self._text(30)]}
        elif kind == "refused":
            body = self.random.choice(({"messages": 3}, {"messages": self._ask(2000)}))
        body.setdefault("model", _MODEL)
        leave = self.random.randint(0, 12) if kind in {"gone", "reset"} else None
        return kind, outcome(self.address, path, body, leave, rudely=kind == "reset")

    def chat(self, *, stream: bool) -> Body:
        """A short or a long question."""
        messages = self._ask(self.random.choice((10, 40, 150)))
        return {
            "model": _MODEL,
            "messages": messages,
            "max_tokens": self.random.choice((8, 24, 48)),
            "stream": stream,
        }

    def health(self) -> Any:
        """What the server says of itself."""
        connection = _connection(self.address)
        connection.request("GET", "/health")
        with connection.getresponse() as response:
            return json.load(response)

    def _continued(self) -> Body:
        """The conversation with one more turn; begun anew when it has become long."""
        if len(self._said) > 6:
            self._said = []
        if self._said:
            self._said.append({"role": "assistant", "content": self._text(20)})
        self._said += self._ask(80)
        return {"messages": list(self._said), "max_tokens": 16, "stream": True}

    def _ask(self, words: int) -> list[dict[str, str]]:
        return [{"role": "user", "content": self._text(words)}]

    def _text(self, words: int) -> str:
        return " ".join(self.random.choices(_WORDS, k=words))


def outcome(
    address: str, path: str, body: Body, leave_after: int | None = None, *, rudely: bool = False
) -> str:
    """Ask and read to the end; or, with `leave_after`, hang up after so many lines."""
    connection = _connection(address)
    try:
        content = json.dumps(body).encode()
        connection.request("POST", path, content, {"Content-Type": "application/json"})
        if leave_after == 0:
            return _hang_up(connection, rudely=rudely)
        held = connection.sock  # http.client lets go of it when the answer has no length
        response = connection.getresponse()
        if response.status != 200:
            return _refusal(response)
        if not body.get("stream"):
            return _whole(response)
        return _streamed(response, leave_after, held, rudely=rudely)
    except (OSError, HTTPException, ValueError) as error:
        return f"lost: {type(error).__name__}: {error}"
    finally:
        connection.close()


def _whole(response: HTTPResponse) -> str:
    said = json.loads(response.read())
    whole = bool(said.get("usage")) and bool(said.get("choices") or said.get("data"))
    return "answered" if whole else f"lost: {json.dumps(said)[:200]}"


def _streamed(
    response: HTTPResponse, leave_after: int | None, held: socket.socket, *, rudely: bool
) -> str:
    ended, done, lines = None, False, 0
    while line := response.readline():
        data = line.removeprefix(b"data: ").strip()
        if not data:
            continue
        lines += 1
        if leave_after is not None and lines >= leave_after:
            _close(held, rudely=rudely)
            return "hung up"
        if data == b"[DONE]":
            done = True
            continue
        event = json.loads(data)
        if "error" in event:
            ended = f"error: {event['error']['code']}"
        elif event["choices"] and event["choices"][0]["finish_reason"]:
            ended = "answered"
    return ended if ended and done else f"lost: the stream ended after {lines} events"


def _refusal(response: HTTPResponse) -> str:
    error = json.loads(response.read())["error"]
    return f"error: {error['code']}" if error["message"] and error["type"] else f"lost: {error}"


def _hang_up(connection: HTTPConnection, *, rudely: bool) -> str:
    _close(connection.sock, rudely=rudely)
    return "hung up"


def _close(held: socket.socket, *, rudely: bool) -> None:
    if rudely:  # as a machine that loses its network, or a process that is killed, does
        held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    held.close()


def _connection(address: str) -> HTTPConnection:
    where = urlsplit(address)
    connection = HTTPConnection(where.hostname or "", where.port, timeout=_PATIENCE)
    connection.connect()
    return connection
