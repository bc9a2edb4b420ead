"""Other metadata in a model's file: its name, chat template, system prompt, any key.

A new file is made: the tensors' bytes are copied as they are, and proven so by their hash; only the
header is written anew. It counts as owned once the engine has loaded it.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.modify.told import tell_made
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.text_argument import read_file
from freehold.errors import UsageError

EXAMPLES = """\
examples:
  freehold modify edit smollm2 --system "You answer in rhymes." --name rhymer
  freehold modify edit smollm2 --template chat.jinja --name smollm2-chat
  freehold modify edit smollm2 --set general.license=apache-2.0 --remove general.url
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument("--name", metavar="NAME", help="its name, in the file and in the store")
    parser.add_argument("--template", type=Path, metavar="FILE", help="a chat template in Jinja")
    parser.add_argument(
        "--system", metavar="TEXT", help="said first, where a conversation has no system turn"
    )
    parser.add_argument(
        "--set", action="append", default=[], metavar="KEY=VALUE", help="an entry; may be repeated"
    )
    parser.add_argument(
        "--remove", action="append", default=[], metavar="KEY", help="an entry; may be repeated"
    )
    parser.add_argument(
        "--unchecked", action="store_true", help="keep it without loading it into the engine"
    )
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.edit_file import edit_file
    from freehold.actions.modify_sources import source
    from freehold.modify.metadata import Edits

    edits = Edits(
        values=dict(map(_pair, args.set)),
        removed=tuple(args.remove),
        template=None if args.template is None else read_file(args.template),
        system=args.system,
        name=args.name,
    )
    report = progress()
    with open_libraries() as libraries:
        base = source(libraries, args.model, report)
        name = args.name or f"{base.name}-edited"
        made = edit_file(
            libraries.store(), base, edits, name, load=not args.unchecked, progress=report
        )
    return tell_made(made, f"Try it: freehold run {made.name}", args.json)


def _pair(text: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise UsageError(f"--set {text} says no KEY=VALUE.", "Such as general.name=Mine")
    return key, value
