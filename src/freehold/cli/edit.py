"""Change what the ledger says of a model in your own words: its name, tags, note, pin.

The bytes are never touched. A pinned model is not removed and never collected.
"""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import note, print_json
from freehold.errors import UsageError

EXAMPLES = """\
examples:
  freehold edit smollm2 --name tiny
  freehold edit tiny --tag english --tag small --untag new
  freehold edit tiny --note "good enough for summaries"
  freehold edit tiny --pin
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--name", help="what to call it from now on")
    parser.add_argument("--tag", action="append", default=[], help="a word to find it by")
    parser.add_argument("--untag", action="append", default=[], metavar="TAG", help="not any more")
    parser.add_argument("--note", metavar="TEXT", help="a note in place of the old one")
    pin = parser.add_mutually_exclusive_group()
    pin.add_argument("--pin", action="store_true", default=None, help="protect it from removal")
    pin.add_argument("--unpin", dest="pin", action="store_false", help="let it be removed again")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.cli.describe import model_json

    if not (args.name or args.tag or args.untag or args.note is not None or args.pin is not None):
        raise UsageError("Nothing to change.", "See freehold edit --help.")
    with open_libraries() as libraries:
        found = libraries.find(args.model)
        store, model = found.store, found.model
        if args.name:
            model = store.rename(model, args.name)
        if args.tag:
            model = store.tag(model, *args.tag)
        if args.untag:
            model = store.untag(model, *args.untag)
        if args.note is not None:
            model = store.note(model, args.note)
        if args.pin is not None:
            model = store.pin(model, pinned=args.pin)
    if args.json:
        print_json(model_json(model))
    else:
        note(f"{model.name} is written down so.")
    return 0
