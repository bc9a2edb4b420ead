"""Other Freeholds: who is near, whom you know, what they share.

Asks the local network for a few seconds, and everybody in your book. What a stranger says of itself
is a claim: trust a peer after comparing the code of 24 digits with its owner. Then it is a source
like any other.
"""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING, Any

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import note, print_json, print_table, printable
from freehold.errors import IntegrityError, UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.actions.near_peers import NearPeer
    from freehold.share.known_peers import MetPeer

EXAMPLES = """\
examples:
  freehold peers                                who is near, and what they share
  freehold peers add 192.168.1.7                where nothing is announced
  freehold peers trust "Ana's laptop"           after both of you compared the code
  freehold peers list                           the book, without asking anybody
  freehold peers forget "Ana's laptop"
"""

_SECONDS = 3.0


def configure(parser: argparse.ArgumentParser) -> None:
    actions = ("near", "list", "add", "trust", "forget")
    parser.add_argument("action", nargs="?", default="near", choices=actions)
    parser.add_argument("peer", nargs="?", help="HOST[:PORT], or a name in the book or near")
    parser.add_argument("--name", help="what you call it; with add and trust")
    parser.add_argument(
        "--code", metavar="DIGITS", help="with trust: the code that its owner read to you"
    )
    parser.add_argument(
        "--seconds", type=float, default=_SECONDS, metavar="N", help="how long to listen"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if bool(args.peer) != (args.action in {"add", "trust", "forget"}):
        raise UsageError(
            f"`peers {args.action}` takes {'no' if args.peer else 'a'} peer.",
            "See freehold peers --help.",
        )
    if not 0 <= args.seconds <= 60:
        raise UsageError("--seconds is a number up to 60.", "3 is what it is unless said.")
    home = Settings.load().home
    match args.action:
        case "near":
            _near(home, args.seconds, as_json=args.json)
        case "list":
            _list(home, as_json=args.json)
        case "add":
            _add(home, args)
        case "trust":
            _trust(home, args)
        case _:
            _forget(home, args.peer, as_json=args.json)
    return 0


def _near(home: Path, seconds: float, *, as_json: bool) -> None:
    from freehold.actions.near_peers import look_around
    from freehold.share.signing.in_words import some_of

    if not as_json:
        note(f"Asking the local network for {seconds:g} seconds.")
    peers = look_around(home, seconds)
    if as_json:
        print_json([_near_json(peer) for peer in peers])
        return
    if not peers:
        note("Nobody near announces that they share: `freehold share MODEL --network --announce`.")
        note("By address: freehold peers add HOST:PORT")
        return
    rows = [
        (
            peer.name,
            peer.address,
            peer.key.code if peer.key else "",
            peer.standing,
            some_of(peer.models),
        )
        for peer in peers
    ]
    print_table(("PEER", "ADDRESS", "CODE", "STANDING", "SHARES"), rows, right=set())
    for peer in peers:
        if peer.problem:
            note(f"{peer.name} at {peer.address}: {peer.problem}")


def _list(home: Path, *, as_json: bool) -> None:
    from freehold.share.known_peers import PeerBook
    from freehold.share.signing.known_keys import KnownKeys

    keys = KnownKeys(home)
    peers = PeerBook(home).all()
    rows = [(peer, bool(peer.key and keys.find(peer.key))) for peer in peers]
    if as_json:
        print_json([_met_json(peer) | {"trusted": trusted} for peer, trusted in rows])
        return
    if not rows:
        note("You know no peer yet: `freehold peers` looks who is near.")
        return
    table = [
        (
            peer.name,
            peer.address,
            peer.key.code if peer.key else "has no key",
            "yes" if trusted else "no",
        )
        for peer, trusted in rows
    ]
    print_table(("PEER", "ADDRESS", "CODE", "TRUSTED"), table, right=set())


def _add(home: Path, args: argparse.Namespace) -> None:
    from freehold.actions.peers import add
    from freehold.share.signing.known_keys import KnownKeys

    peer = add(home, args.peer, args.name)
    trusted = peer.key is not None and KnownKeys(home).find(peer.key) is not None
    if args.json:
        print_json(_met_json(peer) | {"trusted": trusted})
    elif peer.key is None:
        note(f"{peer.name} at {peer.address} shares without a key: whose it is nobody can tell.")
    elif trusted:
        note(f"{peer.name} is at {peer.address}: the key that you trust.")
    else:
        note(f"Met: {peer.name} at {peer.address}, code {peer.key.code}. It is not trusted yet:")
        note(f"  freehold peers trust {peer.name!r}")


def _trust(home: Path, args: argparse.Namespace) -> None:
    from dataclasses import replace

    from freehold.actions.peers import trust

    peer = _meant(home, args.peer, args.name, args.seconds)
    if peer.key is not None:
        _compare(peer, args.code)
    known = trust(home, peer)
    peer = replace(peer, name=known.name)
    if args.json:
        print_json(_met_json(peer) | {"trusted": True})
    else:
        note(f"{known.name} is trusted, at {peer.address}: freehold get peer:{peer.address}/MODEL")


def _meant(home: Path, word: str, name: str | None, seconds: float) -> MetPeer:
    """Who is there now, by a name in the book, an address, or a name that is announced near."""
    from freehold.actions.near_peers import announced_as
    from freehold.actions.peers import meet
    from freehold.share.known_peers import MetPeer, PeerBook
    from freehold.sources.peer import place_of

    met = PeerBook(home).named(word)
    if met is not None:
        host, port = met.host, met.port
    elif "." in word or ":" in word or word == "localhost":
        host, port = place_of(word)
    else:
        host, port = announced_as(word, seconds)
    proof = meet(host, port)
    called = name or (met.name if met else proof.name if proof else host)
    return MetPeer(called, host, port, proof.key if proof else None)


def _compare(peer: MetPeer, typed: str | None) -> None:
    """That the owner of the key reads the same code. Raises IntegrityError, UsageError."""
    from freehold.share.signing.key import read_code

    assert peer.key is not None  # noqa: S101 - looked at by the caller
    code = peer.key.code
    if typed is not None:
        wanted = read_code(typed)
        if wanted is None:
            raise UsageError(f"{typed!r} is no code of 24 digits.", "freehold identity shows it.")
        if wanted != code:
            raise IntegrityError(
                f"The code differs: {peer.address} shows {code}.",
                "It is another key than theirs. It was not trusted.",
            )
        return
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        raise UsageError(
            f"Is {code} the code of {peer.name}?",
            "Let them read it to you from `freehold identity`, and give it: --code DIGITS.",
        )
    note(f"{peer.name} at {peer.address} shows the code")
    note(f"\n  {code}\n")
    note("Ask its owner, by telephone or across the table, what `freehold identity` shows there.")
    print("Is it the same? Type yes: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip().lower() != "yes":
        raise UsageError("It was not trusted.", "If the codes differ, somebody is in between.")


def _forget(home: Path, word: str, *, as_json: bool) -> None:
    from freehold.share.known_peers import PeerBook
    from freehold.share.signing.known_keys import KnownKeys

    peer = PeerBook(home).forget(word)
    known = KnownKeys(home).find(peer.key) if peer.key else None
    if as_json:
        print_json(_met_json(peer))
        return
    note(f"{peer.name} at {peer.address} is not in the book any more.")
    if known is not None:
        note(f"Its key is still known for signatures: freehold identity forget {known.name!r}")


def _met_json(peer: MetPeer) -> dict[str, Any]:
    return {
        "name": peer.name,
        "host": peer.host,
        "port": peer.port,
        "key": str(peer.key) if peer.key else None,
        "code": peer.key.code if peer.key else None,
    }


def _near_json(peer: NearPeer) -> dict[str, Any]:
    return {
        "name": printable(peer.name),
        "host": peer.host,
        "port": peer.port,
        "key": str(peer.key) if peer.key else None,
        "code": peer.key.code if peer.key else None,
        "standing": peer.standing.value,
        "near": peer.is_heard,
        "shares": list(peer.models),
        "problem": peer.problem,
    }
