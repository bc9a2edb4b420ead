"""Who represents a place: Congress and the state's legislature, with every public office.

A ZIP code can lie in several districts; a point decides. The place is looked up on this machine and
kept nowhere. `-` reads it from standard input, which keeps it out of your shell's history.
"""

from __future__ import annotations

import argparse
import re
import sys
from datetime import datetime

from freehold.cli.opening import add_json_option
from freehold.cli.terminal import print_json
from freehold.errors import UsageError
from freehold.settings import Settings

_LONGEST = 200
EXAMPLES = """\
examples:
  freehold act reps 03801
  freehold act reps 43.0718,-70.7626
  freehold act reps - < place.txt          not in the shell's history
  freehold act reps 03801 --federal --json
  freehold act reps --map NH               choose on a map in your browser
"""


def configure(parser: argparse.ArgumentParser) -> None:
    # A latitude south of the equator (American Samoa's) is no option.
    parser._negative_number_matcher = re.compile(r"-[.\d]")  # noqa: SLF001
    parser.add_argument("place", nargs="*", metavar="ZIP | LAT,LON | -", help="where you vote")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--federal", action="store_true", help="Congress alone")
    only.add_argument("--state-level", action="store_true", help="the state's legislature alone")
    parser.add_argument(
        "--map",
        nargs="?",
        const="",
        metavar="XX",
        help="choose the place on a map in your browser, drawn from the boundaries here",
    )
    parser.add_argument(
        "--home-addresses", action="store_true", help="show homes too, where the data has them"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.representatives import at_level, place, representatives

    if args.map is not None:
        return _open_map(args.map)
    answer = representatives(Settings.load().home, place(_words(args.place)))
    if args.federal or args.state_level:
        answer = at_level(answer, federal=args.federal)
    now = datetime.now().astimezone()
    if args.json:
        from freehold.civic.answer_json import answer_json

        print_json(answer_json(answer, now, homes=args.home_addresses))
    else:
        from freehold.cli.act.reps_view import show

        show(answer, now.date(), homes=args.home_addresses)
    return 0


def _open_map(word: str) -> int:
    from freehold.civic.places.states import state
    from freehold.cli.open import a_server, show

    letters = f"-{state(word)}" if word else ""
    server, _ = a_server(Settings.load())
    show(f"{server.address}/act#map{letters}")
    return 0


def _words(words: list[str]) -> str:
    """The place: as typed, or a line of standard input."""
    if words == ["-"]:
        if sys.stdin.isatty():
            print("ZIP code, or LAT,LON: ", end="", file=sys.stderr, flush=True)
        return sys.stdin.readline(_LONGEST)
    if not words:
        raise UsageError("Where?", "A ZIP code, or a point: freehold act reps 03801")
    return " ".join(words)
