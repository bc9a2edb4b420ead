"""Open Freehold's page in your browser: chat, library, fit, study, settings, from this machine.

The server that runs already is used; where there is none, one is started and goes on in the
background until you stop it (it says how). Nothing on the page comes from anywhere else.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import note, print_json
from freehold.errors import EngineError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.server_file import RunningServer

EXAMPLES = """\
examples:
  freehold open
  freehold open --print                   only the address, for a browser on your own terms
"""

_PATIENCE = 30.0  # seconds for a server to be there
_OFTEN = 0.1


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--print", action="store_true", dest="only_print", help="print the address; open nothing"
    )
    parser.add_argument(
        "--port", type=int, default=None, metavar="N", help="for a server that must be started"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    server, started = a_server(Settings.load(), args.port)
    if args.json:
        print_json({"address": server.address, "pid": server.pid, "started": started})
        return 0
    if args.only_print:
        print(server.address)
    else:
        show(server.address)
    return 0


def a_server(settings: Settings, port: int | None = None) -> tuple[RunningServer, bool]:
    """The server that runs here, or one that is started now, and whether it was.

    Raises EngineError when none comes up.
    """
    from freehold.actions.server_file import running_server

    server = running_server(settings.home)
    if server is not None:
        return server, False
    server = _start(settings, port)
    note(f"A server was started. `kill {server.pid}` stops it.")
    return server, True


def show(address: str) -> None:
    """Print an address and open it in a browser, if there is one to open."""
    print(address)
    if not _open(address):
        note("No browser could be opened here: open that address in one.")


def _start(settings: Settings, port: int | None) -> RunningServer:
    """Start a server that outlives this command. Raises EngineError when it does not come up."""
    from freehold.actions.server_file import running_server

    settings.home.mkdir(parents=True, exist_ok=True)
    log = settings.home / "serve.log"
    words = [sys.executable, "-m", "freehold", "serve"]
    words += [] if port is None else ["--port", str(port)]
    with log.open("wb") as file:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=file,
            start_new_session=True,
            env={**os.environ, "FREEHOLD_HOME": str(settings.home)},
        )
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if (server := running_server(settings.home)) is not None:
            return server
        if process.poll() is not None:
            break
        time.sleep(_OFTEN)
    process.terminate()
    said = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    raise EngineError(
        f"No server came up: {said[0] if said else 'it said nothing'}",
        f"All that it said is in {log}. `freehold serve` shows it as it happens.",
    )


def _open(address: str) -> bool:
    """Whether a browser took it. One that would take over this terminal is not opened."""
    import webbrowser

    try:
        browser = webbrowser.get()
    except webbrowser.Error:
        return False
    if isinstance(browser, webbrowser.GenericBrowser) and not isinstance(
        browser, webbrowser.BackgroundBrowser
    ):
        return False
    return browser.open(address)
