"""Serve what you own to other programs on this machine: OpenAI's API and more, at one address.

Models load when they are asked for and leave when memory is needed or nobody uses them. Only this
machine can reach it, unless you say --lan: then whoever has a key can, from your local network.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from functools import partial
from typing import TYPE_CHECKING

from freehold.cli.numbers import port, positive
from freehold.cli.opening import open_libraries, owned_names
from freehold.cli.terminal import note
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.invitation import Invitation
    from freehold.actions.server_file import RunningServer
    from freehold.server.door import Door

EXAMPLES = """\
examples:
  freehold serve
  freehold serve --port 11434                  where Ollama's clients look
  freehold serve --pin smollm2 --idle 60
  freehold serve --context 16384 --parallel 2
  freehold serve --lan                         phones and laptops too, each with a key
"""

_PORT = 2411
_KEEP = 2_000_000_000
_HOST = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - what --lan asks for, and only with keys


def configure(parser: argparse.ArgumentParser) -> None:
    _configure_models(parser)
    _configure_door(parser)
    parser.add_argument("--json", action="store_true", help="say where it is as one line of JSON")


def _configure_models(parser: argparse.ArgumentParser) -> None:
    """What is in memory, and how."""
    parser.add_argument(
        "--parallel",
        type=positive,
        metavar="N",
        help="requests at once to one model; default 4, fewer where memory is short",
    )
    parser.add_argument(
        "--context",
        type=positive,
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
    parser.add_argument(
        "--keep",
        type=_size,
        default=_KEEP,
        metavar="SIZE",
        help="disk for conversations, so that they go on after a restart (2GB); 0: none",
    )


def _configure_door(parser: argparse.ArgumentParser) -> None:
    """Where it listens, and to whom."""
    parser.add_argument(
        "--port", type=port, default=_PORT, metavar="N", help=f"{_PORT}; 0 takes any free one"
    )
    parser.add_argument(
        "--lan",
        action="store_true",
        help="open it to the local network; a key is wanted then, and made if there is none",
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a further name that this server answers to, such as my-laptop.local",
    )
    parser.add_argument(
        "--origin",
        action="append",
        default=[],
        help="a page or app that may use it from a browser, such as http://localhost:3000",
    )
    parser.add_argument(
        "--rate",
        type=positive,
        default=12_000,
        metavar="N",
        help="requests a minute that one client may make (12000)",
    )


def run(args: argparse.Namespace) -> int:
    from freehold.actions.conversations import Conversations
    from freehold.actions.learning import learn_from
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
        kept = Conversations(settings.home, args.keep) if args.keep else None
        desk = Desk(
            Residence(libraries, choose, choices, progress(), conversations=kept),
            learn=partial(learn_from, settings, progress()),
        )
        with listen(_EVERYWHERE if args.lan else _HOST, args.port) as opened:
            door, invitation = _door(settings, args, opened.getsockname()[1])
            server = RunningServer(
                address=f"http://{_HOST}:{opened.getsockname()[1]}",
                pid=os.getpid(),
                started=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
                instance=desk.instance,
            )
            desk.addresses = (server.address, *(invitation.addresses if invitation else ()))
            try:
                ready = partial(_ready, settings, server, invitation, as_json=args.json)
                Server(desk, door, opened, ready).run()
            finally:
                remove_server_file(settings.home, server)
    return 0


def _door(
    settings: Settings, args: argparse.Namespace, port: int
) -> tuple[Door, Invitation | None]:
    """How far the server is open, and what to tell those who may come in from outside."""
    from freehold.actions.invitation import invite
    from freehold.server.admission import KeyRing
    from freehold.server.door import Door
    from freehold.server.limits import Limits

    invitation = invite(settings.home, port) if args.lan else None
    names = (*args.name, *(invitation.names if invitation else ()))
    limits = Limits(per_minute=args.rate)
    door = Door(KeyRing(settings.home), args.lan, names, tuple(args.origin), limits)
    return door, invitation


def _ready(
    settings: Settings, server: RunningServer, invitation: Invitation | None, *, as_json: bool
) -> None:
    from freehold.actions.server_file import write_server_file

    write_server_file(settings.home, server)
    if as_json:
        said = {"address": server.address, "pid": server.pid}
        if invitation is not None:
            said |= {"lan": list(invitation.addresses), "key": invitation.secret}
        print(json.dumps(said), flush=True)
        return
    note(f"Serving at {server.address} (OpenAI: {server.address}/v1). Ctrl-C stops it.")
    if invitation is not None:
        from freehold.cli.invitation import show

        show(invitation)


def _count(text: str) -> int:
    return 0 if text == "0" else positive(text)


def _size(text: str) -> int:
    from freehold.cli.numbers import parse_size

    return 0 if text == "0" else parse_size(text)


def _minutes(text: str) -> float:
    number = float(text)
    if not 0 <= number < 1 << 31:
        raise argparse.ArgumentTypeError("minutes are a number, from 0 on")
    return number
