"""Connections that are used again, against a small server that counts them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from freehold.engine import llama_events
from freehold.engine.interface import Delta, Piece
from freehold.engine.llama_async import AsyncHttpAnswer
from freehold.engine.llama_connection import LlamaConnection
from freehold.engine.llama_spares import Spares
from freehold.errors import EngineError, WorkerDied

ASK = b"POST /completion HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}"
TIMINGS = {"cache_n": 0, "prompt_ms": 1, "predicted_ms": 1}
END = {"stop": True, "tokens_evaluated": 1, "tokens_predicted": 1, "timings": TIMINGS}
ANSWER = b"".join(
    b"%x\r\n%b\r\n" % (len(event), event)
    for event in (
        b"data: " + json.dumps(each).encode() + b"\n\n" for each in ({"content": "hi"}, END)
    )
)
HEAD = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


class Server:
    """Answers on every connection, `most` times on each before it hangs up."""

    def __init__(self, most: int = 100) -> None:
        self.most = most
        self.connections = self.requests = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        for _ in range(self.most):
            if not await reader.read(1000):
                break
            self.requests += 1
            writer.write(HEAD + ANSWER)
            await asyncio.sleep(0.01)
            writer.write(b"0\r\n\r\n")  # the end comes a little later than the last word
        writer.close()


def ask(
    path: Path, server: Server, scene: Callable[[Callable[[], Awaitable[str]]], Awaitable[None]]
) -> None:
    """Play a scene with a function that asks once."""

    def lost(doing: str) -> EngineError:
        return WorkerDied(f"lost while {doing}")

    async def whole() -> None:
        spares = Spares()
        address = _Address(str(path))

        async def once() -> str:
            connection = LlamaConnection(ASK, lost, llama_events.text_events, spares)
            pieces: list[Piece] = []
            async for some in AsyncHttpAnswer(connection, address):
                pieces += some
            return "".join(piece.text for piece in pieces if isinstance(piece, Delta))

        async with await asyncio.start_unix_server(server, str(path)):
            await scene(once)
        spares.close()
        await asyncio.sleep(0.02)

    asyncio.run(whole())


class _Address:
    scheme = "unix"

    def __init__(self, path: str) -> None:
        self.path = path


def test_the_next_request_has_the_last_ones_connection(tmp_path: Path) -> None:
    server = Server()

    async def scene(once: Callable[[], Awaitable[str]]) -> None:
        for _ in range(3):
            assert await once() == "hi"
            await asyncio.sleep(0.03)
        assert set(await asyncio.gather(once(), once())) == {"hi"}

    ask(tmp_path / "s", server, scene)
    assert server.requests == 5
    assert server.connections == 2


def test_one_that_was_closed_meanwhile_is_not_missed(tmp_path: Path) -> None:
    server = Server(most=1)

    async def scene(once: Callable[[], Awaitable[str]]) -> None:
        assert await once() == "hi"
        assert await once() == "hi"
        await asyncio.sleep(0.03)
        assert await once() == "hi"

    ask(tmp_path / "s", server, scene)
    assert server.requests == server.connections == 3


def test_one_that_is_closed_as_we_ask_is_asked_again_elsewhere(tmp_path: Path) -> None:
    class Rude(Server):
        async def __call__(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            self.connections += 1
            first = self.connections == 1
            await reader.read(1000)
            writer.write(HEAD + ANSWER + b"0\r\n\r\n")
            if first:
                await reader.read(1000)  # the second request: not answered
            writer.close()

    server = Rude()

    async def scene(once: Callable[[], Awaitable[str]]) -> None:
        assert await once() == "hi"
        await asyncio.sleep(0.01)
        assert await once() == "hi"

    ask(tmp_path / "s", server, scene)
    assert server.connections == 2


def test_where_nobody_listens_any_more_it_is_an_error(tmp_path: Path) -> None:
    class Dies(Server):
        async def __call__(
            self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
        ) -> None:
            await reader.read(1000)
            writer.write(HEAD + ANSWER + b"0\r\n\r\n")
            await reader.read(1000)
            (tmp_path / "s").unlink()
            writer.close()

    async def scene(once: Callable[[], Awaitable[str]]) -> None:
        assert await once() == "hi"
        await asyncio.sleep(0.01)
        with pytest.raises(WorkerDied, match="lost while answering"):
            await once()

    ask(tmp_path / "s", Dies(), scene)
