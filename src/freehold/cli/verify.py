"""Hash what you own again, chunk by chunk, and name any damage. Never changes a byte."""

from __future__ import annotations

import argparse
from collections.abc import Sequence

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.cli.vouched import vouched_json, vouched_lines
from freehold.errors import DamagedModel, IntegrityError, UsageError
from freehold.store.protection import ParityReport
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
            checked = [(store, report) for store in here for report in store.verify_all(progress())]
            for library in known:
                if not library.present:
                    note(f"The library {library.name} is not there and was not looked at.")
        else:
            found = [libraries.find(name) for name in args.models]
            checked = [(each.store, each.store.verify(each.model, progress())) for each in found]
        parity = [store.protection.check(report.model, progress()) for store, report in checked]
    reports = [report for _, report in checked]
    if args.json:
        pairs = zip(reports, parity, strict=True)
        print_json([_as_json(report, of_it) for report, of_it in pairs])
    else:
        _say(reports, parity)
    damaged = [report for report in reports if not report.ok]
    if damaged:
        raise DamagedModel(" ".join(map(damage_in_words, damaged)), _how_to_mend(damaged[0]))
    weak = [report for report, of_it in zip(reports, parity, strict=True) if not _sound(of_it)]
    if weak:
        names = ", ".join(report.model.name for report in weak)
        raise IntegrityError(
            f"Parity is damaged: that of {names}. What it protects is good.",
            f"Make it again: freehold protect {weak[0].model.name}",
        )
    return 0


def _sound(parity: Sequence[ParityReport]) -> bool:
    return all(each.ok for each in parity)


def _say(reports: Sequence[VerifyReport], parity: Sequence[Sequence[ParityReport]]) -> None:
    for report, of_it in zip(reports, parity, strict=True):
        also = " Its parity is good too." if of_it and _sound(of_it) else ""
        if report.ok:
            note(f"{report.model.name}: good, every byte is what was proven.{also}")
        for line in vouched_lines(report.model):
            note(f"  {line}")
        for each in of_it:
            if not each.ok:
                note(f"{report.model.name}: the parity of {each.name} is damaged. {each.detail}")
    if not reports:
        note("You own no model yet.")


def _as_json(report: VerifyReport, parity: Sequence[ParityReport]) -> dict[str, object]:
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
        "signatures": vouched_json(report.model),
        "parity": [
            {
                "name": each.name,
                "ok": each.ok,
                "size_bytes": each.size,
                "chunks": each.chunks,
                "bad_chunks": list(each.bad_chunks),
                "detail": each.detail,
            }
            for each in parity
        ],
    }


def _how_to_mend(report: VerifyReport) -> str:
    return f"To mend it: freehold repair {report.model.name}. It shows its plan first."
