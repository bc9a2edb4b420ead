"""Where the running server is: a small file in the home folder, believed only when it answers.

It holds no keys. A server that was killed leaves its file behind, and another program may have its
port by now, so whoever reads it asks at the address for the name that the file gives.
"""

from __future__ import annotations

import json
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from freehold.store.durable import storage_errors, write_durably

SERVER_FILE = "server.json"
"""Its name in the home folder."""
_PATIENCE = 2.0  # seconds for a server on this machine to say who it is


@dataclass(frozen=True)
class RunningServer:
    """A server of ours."""

    address: str
    """Such as `http://127.0.0.1:2411`."""
    pid: int
    started: str
    """When, in UTC."""
    instance: str
    """What it calls itself, different each time it starts."""


def write_server_file(home: Path, server: RunningServer) -> None:
    """Say where the server is; readable by its owner only."""
    text = json.dumps(asdict(server), indent=2) + "\n"
    with storage_errors("say where the server is"):
        write_durably(home / SERVER_FILE, text.encode(), private=True)


def remove_server_file(home: Path, server: RunningServer) -> None:
    """Take it away again, unless another server has written its own meanwhile."""
    if _read(home) == server:
        with suppress(FileNotFoundError):
            (home / SERVER_FILE).unlink()


def running_server(home: Path) -> RunningServer | None:
    """The server that runs for this home, asked whether it is there; None when there is none."""
    found = known_server(home)
    return None if found is None else found[0]


def known_server(home: Path) -> tuple[RunningServer, dict[str, Any]] | None:
    """The same, with what it says of itself at `/health`. No server costs one look for a file."""
    server = _read(home)
    health = None if server is None else _health(server)
    return None if server is None or health is None else (server, health)


def _read(home: Path) -> RunningServer | None:
    try:
        values = json.loads((home / SERVER_FILE).read_text(encoding="utf-8"))
        return RunningServer(**values)
    except (OSError, ValueError, TypeError):  # none, or not written by this version
        return None


def _health(server: RunningServer) -> dict[str, Any] | None:
    """What it says of itself; None when nobody answers, or another server does."""
    from http.client import HTTPConnection, HTTPException
    from urllib.parse import urlsplit

    address = urlsplit(server.address)
    connection = HTTPConnection(address.hostname or "", address.port, timeout=_PATIENCE)
    try:
        connection.request("GET", "/health")
        said = json.loads(connection.getresponse().read(100_000))
    except (OSError, HTTPException, ValueError):
        return None
    finally:
        connection.close()
    ours = isinstance(said, dict) and said.get("instance") == server.instance
    return said if ours else None
