"""`freehold open` as a user has it, on a machine without a browser."""

from __future__ import annotations

import json
import os
import signal
import socket
from pathlib import Path

from tests.conftest import Run

from freehold.actions.server_file import running_server


def test_a_server_is_started_once_and_then_found(freehold: Run, home: Path) -> None:
    first = freehold("open", "--print", "--port", "0")
    server = running_server(home)
    assert server is not None
    try:
        assert first.stdout.strip() == server.address
        assert f"`kill {server.pid}` stops it" in first.stderr
        again = json.loads(freehold("open", "--json", "--port", "0").stdout)
        assert again == {"address": server.address, "pid": server.pid, "started": False}
        none = freehold("open", "--port", "0", env={"BROWSER": "", "DISPLAY": "", "PATH": ""})
        assert none.stdout.strip() == server.address
        assert "open that address" in none.stderr
    finally:
        os.kill(server.pid, signal.SIGTERM)


def test_a_server_that_does_not_come_up_says_why(freehold: Run, home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        failed = freehold("open", "--print", "--port", str(port))
    assert failed.returncode == 8
    assert f"No server came up: error: 127.0.0.1:{port} cannot be listened at" in failed.stderr
    assert str(home / "serve.log") in failed.stderr
