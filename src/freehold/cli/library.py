"""Several libraries: the store at home and others, on an external disk for example.

What a library holds stays listed when its disk is not there. Models in any library can be shown,
run and verified by name; `--library` tells `get` where to put a new one.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.terminal import note, print_json, print_table
from freehold.errors import UsageError
from freehold.units import human_bytes

EXAMPLES = """\
examples:
  freehold library                                 which there are
  freehold library add /media/me/usb/models --name usb
  freehold library copy smollm2 usb                own it there too
  freehold library forget usb                      stop knowing it; nothing in it is touched
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "action", nargs="?", default="list", choices=("list", "add", "copy", "forget")
    )
    parser.add_argument("words", nargs="*", metavar="PATH | MODEL LIBRARY | LIBRARY")
    parser.add_argument("--name", help="with add: what to call it; default, the folder's name")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    wanted = {"list": 0, "add": 1, "copy": 2, "forget": 1}[args.action]
    if len(args.words) != wanted:
        raise UsageError(
            f"`library {args.action}` takes {wanted} words, not {len(args.words)}.",
            "See freehold library --help.",
        )
    with open_libraries() as libraries:
        match args.action:
            case "add":
                added = libraries.add(Path(args.words[0]), args.name)
                note(f"{added.name} is a library: {added.path}, {len(added.models)} models.")
            case "copy":
                model = libraries.copy(args.words[0], args.words[1])
                note(f"{model.name} is in {args.words[1]} too.")
            case "forget":
                libraries.forget(args.words[0])
                note(f"{args.words[0]} is no longer known here. Its folder is as it was.")
        known = libraries.all()
    if args.json:
        print_json(
            [
                {
                    "name": library.name,
                    "path": str(library.path),
                    "present": library.present,
                    "seen_at": library.seen_at.isoformat(timespec="seconds"),
                    "models": [model.name for model in library.models],
                    "size_bytes": sum(model.size for model in library.models),
                }
                for library in known
            ]
        )
    elif args.action == "list":
        print_table(
            ("LIBRARY", "STATE", "MODELS", "SIZE", "PATH"),
            [
                (
                    library.name,
                    "here" if library.present else f"absent since {library.seen_at:%Y-%m-%d}",
                    str(len(library.models)),
                    human_bytes(sum(model.size for model in library.models)),
                    str(library.path),
                )
                for library in known
            ],
            right={2, 3},
        )
    return 0
