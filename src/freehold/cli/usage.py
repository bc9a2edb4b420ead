"""What takes the space: each model's own bytes, and those it shares with others."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, open_store
from freehold.cli.terminal import note, print_json, print_table
from freehold.units import human_bytes

EXAMPLES = """\
examples:
  freehold usage
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    with open_store() as store:
        usage = store.usage()
    if args.json:
        print_json(
            {
                "models": [
                    {
                        "name": each.model.name,
                        "own_bytes": each.own,
                        "shared_bytes": each.shared,
                        "shared_with": list(each.shared_with),
                    }
                    for each in usage.models
                ],
                "blob_bytes": usage.blobs,
                "unused_bytes": usage.unused,
                "unfinished_bytes": usage.unfinished,
                "free_bytes": usage.free,
            }
        )
        return 0
    rows = [
        (
            each.model.name,
            human_bytes(each.own),
            human_bytes(each.shared),
            ", ".join(each.shared_with),
        )
        for each in usage.models
    ]
    if rows:
        print_table(("NAME", "ITS OWN", "SHARED", "WITH"), rows, right={1, 2})
    note(
        f"All bytes owned: {human_bytes(usage.blobs)}, of no model: {human_bytes(usage.unused)}, "
        f"unfinished: {human_bytes(usage.unfinished)}, free on the disk: {human_bytes(usage.free)}."
    )
    return 0
