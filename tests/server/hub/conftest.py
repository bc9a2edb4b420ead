"""A real hub in a thread, over a store with two models to share and one that is private."""

from __future__ import annotations

import http.client
import random
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import urllib3
from tests.conftest import tiny_gguf

from freehold.actions.share import Sharing, prepare
from freehold.server.hub.sending import Connections
from freehold.server.hub.serving import hub_server
from freehold.server.serving import Listening, listen
from freehold.store.libraries import Libraries
from freehold.store.licences import classify
from freehold.store.model import NewModel, OwnedFile, Parent, Sighting
from freehold.store.store import Store

APPLE = tiny_gguf("Apple") + random.Random(1).randbytes(3_500_000)
"""A model of four chunks."""
PEAR = tiny_gguf("Pear") + random.Random(2).randbytes(24_000_000)
"""More than the system keeps of it for a client that does not read."""
SECRET = tiny_gguf("Secret") + random.Random(3).randbytes(10_000)
TEMPLATE = b"{{ .Prompt }}"
LICENCE = b"Gemma Terms of Use\n\nPass these on.\n"


@dataclass
class Hub:
    """A hub that runs."""

    address: str
    sharing: Sharing
    connections: Connections
    server: Listening
    pool: urllib3.PoolManager

    @property
    def host(self) -> str:
        """With its port."""
        return self.address.removeprefix("http://")

    @property
    def port(self) -> int:
        return int(self.host.rpartition(":")[2])

    def ask(self, path: str, method: str = "GET", **headers: str) -> urllib3.BaseHTTPResponse:
        """One request; underscores in the names of headers stand for hyphens."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.pool.request(method, self.address + path, headers=sent, retries=False)

    def ask_exactly(self, path: str) -> tuple[int, bytes]:
        """One request for a path as it stands: nothing in it is tidied up on the way."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            connection.putrequest("GET", path, skip_host=False)
            connection.endheaders()
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()


Share = Callable[..., Hub]


def fill(folder: Path) -> Path:
    """A home with the three models."""
    home = folder / "home"
    with Store.open(home) as store:
        _own(
            store,
            folder,
            "apple",
            {
                "apple-Q4_0.gguf": ("weights", APPLE),
                "template.gotmpl": ("template", TEMPLATE),
                "LICENSE": ("licence", LICENCE),
            },
            licence=classify(None, "Gemma Terms of Use"),
            ref="hf:orchard/apples:apple-Q4_0.gguf@main",
            parents=(Parent("a" * 64, "quantized", "Apple Base"),),
            tags=("mine",),
            notes="what only I know",
            facts={"architecture": "llama", "parameters": 134_500_000, "quantization": "Q4_0"},
        )
        _own(store, folder, "pear", {"pear.gguf": ("weights", PEAR)}, licence=classify("MIT"))
        _own(store, folder, "secret", {"secret.gguf": ("weights", SECRET)})
    return home


def _own(
    store: Store,
    folder: Path,
    name: str,
    files: dict[str, tuple[str, bytes]],
    ref: str | None = None,
    **known: Any,
) -> None:
    owned = []
    for path, (role, data) in files.items():
        file = folder / path
        file.write_bytes(data)
        record = store.add_file(file, None, move=True)
        owned.append(OwnedFile(path, role, record.digest, record.size))
    seen = (Sighting.now(ref or f"file:/home/me/private/{name}.gguf"),)
    store.add_model(NewModel(name, tuple(owned), sightings=seen, **known))


@contextmanager
def hub(home: Path, *names: str, **options: Any) -> Iterator[Hub]:
    """Share models of a home."""
    connections = options.pop("connections", None) or Connections()
    with Libraries(home) as libraries, listen("127.0.0.1", 0) as opened:
        sharing = prepare(libraries, names)
        ready = threading.Event()
        server = hub_server(
            sharing.shelf,
            sharing.owned,
            opened,
            ready=ready.set,
            connections=connections,
            **options,
        )
        thread = threading.Thread(target=server.run, daemon=True)
        thread.start()
        assert ready.wait(timeout=30)
        address = f"http://127.0.0.1:{opened.getsockname()[1]}"
        with urllib3.PoolManager() as pool:
            try:
                yield Hub(address, sharing, connections, server, pool)
            finally:
                server.stop()
                thread.join(timeout=30)
                assert not thread.is_alive()


@pytest.fixture(scope="session")
def orchard(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns `apple`, `pear` and `secret`. A test that changes it copies it."""
    return fill(tmp_path_factory.mktemp("orchard"))


@pytest.fixture
def my_orchard(orchard: Path, tmp_path: Path) -> Path:
    """The same, to be damaged."""
    return shutil.copytree(orchard, tmp_path / "mine", copy_function=shutil.copy2)


@pytest.fixture
def share() -> Iterator[Share]:
    """`share(home, "apple")` starts a hub; it stops with the test."""
    with ExitStack() as stack:

        def start(home: Path, *names: str, **options: Any) -> Hub:
            return stack.enter_context(hub(home, *names, **options))

        yield start


@pytest.fixture(scope="module")
def shared(orchard: Path) -> Iterator[Hub]:
    """A hub that shares `apple` and `pear`, and not `secret`."""
    with hub(orchard, "apple", "pear") as running:
        yield running
