"""Hash what you own again, chunk by chunk, and name any damage. Never changes a byte."""

from __future__ import annotations

import argparse

from freehold.cli.opening import add_json_option, add_model_argument, open_store
from freehold.cli.terminal import note, print_json, progress
from freehold.errors import DamagedModel, UsageError

EXAMPLES = """\
examples:
  freehold verify smollm2
  freehold verify --all
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser, many=True)
    parser.add_argument("--all", action="store_true", help="everything you own")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.cli.describe import damage_words, verify_json

    if not args.models and not args.all:
        raise UsageError("Verify what?", "Name a model, or say --all.")
    with open_store() as store:
        models = store.models() if args.all else [store.find(name) for name in args.models]
        reports = [store.verify(model, progress()) for model in models]
    if args.json:
        print_json([verify_json(report) for report in reports])
    damaged = [report for report in reports if not report.ok]
    for report in reports:
        if report.ok and not args.json:
            note(f"{report.model.name}: good, every chunk is what was proven.")
    if damaged:
        raise DamagedModel(
            " ".join(damage_words(report) for report in damaged),
            f"Get it again and only the damaged file is replaced: {damage_hint(damaged[0])}",
        )
    if not reports and not args.json:
        note("You own no model yet.")
    return 0


def damage_hint(report: "VerifyReport") -> str:
    sighting = next(iter(report.model.sightings), None)
    where = sighting.ref if sighting else "REF"
    return f"freehold remove {report.model.name} && freehold get {where}"
