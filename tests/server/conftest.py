"""A real server in a thread: on the fake engine for the many tests, on a real model for a few."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import urllib3
from anthropic import Anthropic
from ollama import Client as Ollama
from openai import OpenAI
from tests.conftest import tiny_gguf

from freehold.actions.get import get
from freehold.actions.residence import Residence, ResidenceChoices
from freehold.actions.tuned import Chosen
from freehold.actions.ways_to_load import Wishes
from freehold.engine.fake import FakeEngine
from freehold.engine.interface import Engine
from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.names import ModelRef
from freehold.server.admission import KeyRing
from freehold.server.alone import Learn
from freehold.server.desk import Desk
from freehold.server.door import Door
from freehold.server.serving import Server, listen
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.store.store import Store

Client = Any
"""An `OpenAI`, or another. Its types want literals where these tests send data."""


@dataclass
class Served:
    """A server that runs: where it is, what is behind it, and clients for it."""

    address: str
    desk: Desk
    server: Server
    thread: threading.Thread
    pool: urllib3.PoolManager
    ollamas: list[Client] = field(default_factory=list)

    def openai(self) -> Client:
        """The unmodified client. Close it, or use it in a `with` block."""
        return OpenAI(base_url=f"{self.address}/v1", api_key="none", max_retries=0)

    def anthropic(self) -> Client:
        """The unmodified client. Close it, or use it in a `with` block."""
        return Anthropic(base_url=self.address, api_key="none", max_retries=0)

    def ollama(self) -> Client:
        """The unmodified client. It is closed with the server."""
        self.ollamas.append(Ollama(host=self.address))
        return self.ollamas[-1]

    def ask(self, method: str, path: str, **options: Any) -> urllib3.BaseHTTPResponse:
        """One request over HTTP."""
        return self.pool.request(method, self.address + path, retries=False, **options)

    def stop(self) -> None:
        """End it and wait."""
        for client in self.ollamas:
            client.close()
        self.server.stop()
        self.thread.join(timeout=30)
        assert not self.thread.is_alive()


Serve = Callable[..., Served]


@contextmanager
def served(
    home: Path,
    engine: Engine,
    choices: ResidenceChoices,
    door: Door | None = None,
    learn: Learn | None = None,
    **options: Any,
) -> Iterator[Served]:
    """Serve what `home` owns."""
    with Libraries(home) as libraries, listen("127.0.0.1", 0) as opened:
        residence = Residence(libraries, lambda _: Chosen(engine), choices, **options)
        desk = Desk(residence, learn=learn)
        ready = threading.Event()
        server = Server(desk, door or Door(KeyRing(home)), opened, ready.set)
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert ready.wait(timeout=30)
        address = f"http://127.0.0.1:{opened.getsockname()[1]}"
        with urllib3.PoolManager() as pool:
            running = Served(address, desk, server, thread, pool)
            try:
                yield running
            finally:
                running.stop()


@pytest.fixture(scope="session")
def small_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns three tiny models for the fake engine: `alpha`, `beta` and a `ranker`."""
    return three_models(tmp_path_factory.mktemp("small"))


def three_models(folder: Path) -> Path:
    """A home under `folder` that owns them."""
    with Store.open(folder / "home") as store:
        for name in ("alpha", "beta", "ranker"):
            path = folder / f"{name}.gguf"
            path.write_bytes(tiny_gguf(name, ranks=name == "ranker"))
            get(store, Settings(home=folder / "home"), ModelRef.parse(str(path)))
    return folder / "home"


@pytest.fixture
def serve(small_home: Path) -> Iterator[Serve]:
    """`serve(engine, choices)` starts a server for three tiny models; it stops with the test."""
    with ExitStack() as stack:

        def start(
            engine: Engine | None = None, choices: ResidenceChoices | None = None, **options: Any
        ) -> Served:
            wanted = served(
                small_home, engine or FakeEngine(), choices or ResidenceChoices(), **options
            )
            return stack.enter_context(wanted)

        yield start


@pytest.fixture
def serve_mine(tmp_path: Path) -> Iterator[Serve]:
    """As `serve`, on a store of the test's own: for tests that change what is owned."""
    home = three_models(tmp_path)
    with ExitStack() as stack:

        def start(engine: Engine | None = None, **options: Any) -> Served:
            choices = options.pop("choices", ResidenceChoices())
            return stack.enter_context(served(home, engine or FakeEngine(), choices, **options))

        yield start


@pytest.fixture
def fake(serve: Serve) -> Served:
    """A server on the fake engine."""
    return serve()


@pytest.fixture
def client(fake: Served) -> Iterator[Client]:
    """OpenAI's client for it."""
    with fake.openai() as client:
        yield client


@pytest.fixture(scope="session")
def real(owned_home: Path) -> Iterator[Served]:
    """A server on llama.cpp that owns SmolLM2."""
    choices = ResidenceChoices(Wishes(context=1024, parallel=2, threads=1))
    with served(owned_home, LlamaCppEngine(), choices) as running:
        yield running
