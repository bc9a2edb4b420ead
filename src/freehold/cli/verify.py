"""Hash what you own again, chunk by chunk, and name any damage. Never changes a byte."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.terminal import note, print_json, progress
from freehold.errors import DamagedModel, UsageError
from freehold.store.verify import VerifyReport, damage_in_words

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
    if not args.models and not args.all:
        raise UsageError("Verify what?", "Name a model, or say --all.")
    with open_libraries() as libraries:
        if args.all:
            known = libraries.all()
            here = [libraries.store(library.name) for library in known if library.present]
            reports = [report for store in here for report in store.verify_all(progress())]
            for library in known:
                if not library.present:
                    note(f"The library {library.name} is not there and was not looked at.")
        else:
            found = [libraries.find(name) for name in args.models]
            reports = [each.store.verify(each.model, progress()) for each in found]
    if args.json:
        print_json([_as_json(report) for report in reports])
    else:
        _say(reports)
    damaged = [report for report in reports if not report.ok]
    if damaged:
        raise DamagedModel(" ".join(map(damage_in_words, damaged)), _how_to_mend(damaged[0]))
    return 0


def _say(reports: Sequence[VerifyReport]) -> None:
    for report in reports:
        if report.ok:
            note(f"{report.model.name}: good, every byte is what was proven.")
    if not reports:
        note("You own no model yet.")


def _as_json(report: VerifyReport) -> dict[str, object]:
    return {
        "name": report.model.name,
        "ok": report.ok,
        "files": [
            {
                "name": file.name,
                "sha256": file.digest.hex,
                "state": file.state.value,
                "bad_chunks": list(file.bad_chunks),
                "bad_bytes": [list(span) for span in file.bad_ranges],
                "detail": file.detail,
            }
            for file in report.files
        ],
    }


def _how_to_mend(report: VerifyReport) -> str:
    seen = next(iter(report.model.sightings), None)
    return f"Get it again to mend it: freehold get {seen.ref if seen else 'REF'}"
