"""Own the models in a file that `freehold export` made, or in another tool's OCI layout.

Every byte is proven by its hash before anything is owned; all of it is owned or nothing. Name the
file, or any of its parts. An interrupted import goes on where it stopped.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json

EXAMPLES = """\
examples:
  freehold import smollm2.tar
  freehold import /media/stick/models.tar.part01      finds the other parts
  freehold import models.tar --list                   look, and own nothing
  freehold import models.tar --only gemma             one of several
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("file", metavar="FILE", type=Path, help="the bundle, or a part of it")
    parser.add_argument(
        "--only", action="append", default=[], metavar="NAME", help="own this one of them"
    )
    parser.add_argument("--library", default="home", help="the library to own them in")
    parser.add_argument("--list", action="store_true", help="say what is in it and stop")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if args.list:
        return _list(args)
    from freehold.actions.import_bundle import import_bundle
    from freehold.cli.describe import licence_words, model_json
    from freehold.cli.vouched import vouched_json, vouched_lines
    from freehold.units import human_bytes

    with open_libraries() as libraries:
        store = libraries.store(args.library)
        done = import_bundle(store, args.file, only=args.only, progress=progress())
    for got in done.models:
        model = got.model
        if got.was_owned:
            note(f"{model.name} was yours already: the same bytes, by their hash.")
        else:
            note(
                f"Yours: {model.name}, {human_bytes(model.size)}, {licence_words(model.licence)}, "
                f"sha256 {model.weights.digest.short}."
            )
        for line in vouched_lines(model):
            note(f"  {line}")
    if args.json:
        print_json(
            {
                "models": [
                    {
                        **model_json(got.model),
                        "was_owned": got.was_owned,
                        "signatures": vouched_json(got.model),
                    }
                    for got in done.models
                ],
                "copied_bytes": done.copied_bytes,
            }
        )
    return 0


def _list(args: argparse.Namespace) -> int:
    from freehold.actions.import_bundle import look_into
    from freehold.cli.describe import licence_words
    from freehold.cli.terminal import print_table
    from freehold.units import human_bytes

    models = look_into(args.file)
    if args.json:
        print_json(
            [
                {
                    "name": model.name,
                    "size_bytes": model.size,
                    "licence": model.story.licence.spdx or model.story.licence.name,
                    "files": [
                        {
                            "name": file.name,
                            "role": file.role,
                            "sha256": file.digest.hex,
                            "size_bytes": file.size,
                        }
                        for file in model.files
                    ],
                }
                for model in models
            ]
        )
    else:
        rows = [(m.name, human_bytes(m.size), licence_words(m.story.licence)) for m in models]
        print_table(("NAME", "SIZE", "LICENCE"), rows, right={1})
    return 0
