"""Let a model go and free its space. Bytes that another model shares stay."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import confirm, note, print_json
from freehold.errors import UsageError
from freehold.units import human_bytes

EXAMPLES = """\
examples:
  freehold remove smollm2
  freehold remove smollm2 --yes           without asking, for scripts
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("-y", "--yes", action="store_true", help="do not ask")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    if not args.models:
        raise UsageError("Remove what?", "freehold list shows what you own.")
    freed: list[dict[str, object]] = []
    with open_libraries() as libraries:
        for found in [libraries.find(name) for name in args.models]:
            model = found.model
            question = f"Remove {model.name} ({human_bytes(model.size)})?"
            agreed = confirm(question, assume_yes=args.yes)
            if agreed is None:
                raise UsageError(
                    f"{model.name} was not removed: there is no terminal to ask on.", "Add --yes."
                )
            if not agreed:
                note(f"{model.name} stays.")
                continue
            report = found.store.remove(model)
            freed.append({"name": model.name, "freed_bytes": report.freed_bytes})
            note(f"{model.name} is gone; {human_bytes(report.freed_bytes)} freed.")
    if args.json:
        print_json(freed)
    return 0
