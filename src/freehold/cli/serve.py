"""Serve what you own to other programs on this machine: OpenAI's API and more, at one address.

Models load when they are asked for and leave when memory is needed or nobody uses them. Only this
machine can reach it.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from freehold.cli.opening import open_libraries, owned_names
from freehold.cli.terminal import note
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.server_file import RunningServer

EXAMPLES = """\
examples:
  freehold serve
  freehold serve --port 11434                  where Ollama's clients look
  freehold serve --pin smollm2 --idle 60
  freehold serve --context 16384 --parallel 2
"""

_PORT = 2411
_HOST = "127.0.0.1"


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--port", type=_port, default=_PORT, metavar="N", help=f"{_PORT}; 0 takes any free one"
    )
    parser.add_argument(
        "--parallel",
        type=_positive,
        metavar="N",
        help="requests at once to one model; default 4, fewer where memory is short",
    )
    parser.add_argument(
        "--context",
        type=_positive,
        metavar="N",
        help="tokens that one request may hold; default 8192, fewer where memory is short",
    )
    parser.add_argument(
        "--queue", type=_count, default=64, metavar="N", help="requests that may wait (64)"
    )
    parser.add_argument(
        "--idle",
        type=_minutes,
        default=15.0,
        metavar="MINUTES",
        help="unload what nobody used for so long (15); 0 never does",
    )
    pin = parser.add_argument(
        "--pin",
        action="append",
        default=[],
        metavar="MODEL",
        help="load it now and keep it in memory; may be given several times",
    )
    pin.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    parser.add_argument(
        "--engine", metavar="NAME", help="what runs models; `freehold engine` lists what there is"
    )
    parser.add_argument("--json", action="store_true", help="say where it is as one line of JSON")


def run(args: argparse.Namespace) -> int:
    from freehold.actions.residence import Residence, ResidenceChoices
    from freehold.actions.server_file import RunningServer, remove_server_file
    from freehold.actions.tuned import choose_engine
    from freehold.actions.ways_to_load import Wishes
    from freehold.cli.reporting import progress
    from freehold.server.desk import Desk
    from freehold.server.serving import Server, listen

    settings = Settings.load()
    with open_libraries(settings) as libraries:
        choices = ResidenceChoices(
            Wishes(args.context, args.parallel, settings.threads),
            idle_seconds=args.idle * 60 or None,
            longest_queue=args.queue,
            pinned=tuple(libraries.find(name).model.name for name in args.pin),
        )
        choose = partial(choose_engine, settings, named=args.engine, progress=progress())
        desk = Desk(Residence(libraries, choose, choices, progress()))
        with listen(_HOST, args.port) as opened:
            server = RunningServer(
                address=f"http://{_HOST}:{opened.getsockname()[1]}",
                pid=os.getpid(),
                started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                instance=desk.instance,
            )
            try:
                Server(desk, opened, lambda: _ready(settings, server, as_json=args.json)).run()
            finally:
                remove_server_file(settings.home, server)
    return 0


def _ready(settings: Settings, server: RunningServer, *, as_json: bool) -> None:
    from freehold.actions.server_file import write_server_file

    write_server_file(settings.home, server)
    if as_json:
        print(json.dumps({"address": server.address, "pid": server.pid}), flush=True)
    else:
        note(f"Serving at {server.address} (OpenAI: {server.address}/v1). Ctrl-C stops it.")


def _positive(text: str) -> int:
    number = int(text)
    if not 0 < number < 1 << 31:
        raise argparse.ArgumentTypeError(f"{text} is not a whole number above zero")
    return number


def _count(text: str) -> int:
    return 0 if text == "0" else _positive(text)


def _port(text: str) -> int:
    number = int(text)
    if not 0 <= number < 1 << 16:
        raise argparse.ArgumentTypeError("a port lies between 0 and 65535")
    return number


def _minutes(text: str) -> float:
    number = float(text)
    if not 0 <= number < 1 << 31:
        raise argparse.ArgumentTypeError("minutes are a number, from 0 on")
    return number
