"""What is dangerous or odd in a model's files, and what was looked at to say so.

The code of its chat template, its metadata, vocabulary, sizes and gaps; pickles, programs and links
beside it. MODEL is an owned name, a file or a folder. Nothing is run or loaded, and nothing that is
found keeps you from running the model. The exit code is 1 if anything dangerous was found.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.study.shown import visible
from freehold.cli.terminal import print_json

if TYPE_CHECKING:
    from freehold.study.scan.finding import Finding, ScanReport

EXAMPLES = """\
examples:
  freehold study scan smollm2
  freehold study scan ./model.gguf            before you own it
  freehold study scan ./downloaded-folder     weights, pickles, code and links in it
  freehold study scan smollm2 --json
"""
_SIDE = "  "


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.scan import scan

    with open_libraries() as libraries:
        report = scan(libraries, args.model, progress())
    if args.json:
        from freehold.cli.study.plain import plain

        print_json({**plain(report), "dangerous": report.dangerous})
    else:
        print("\n".join(_lines(report)))
    return 1 if report.dangerous else 0


def _lines(report: ScanReport) -> Iterator[str]:
    yield f"{visible(report.name, 200)}: {_verdict(report)}"
    for finding in report.findings:
        yield ""
        yield from _finding(finding)
    for title, lines in (("looked at", report.looked_at), ("not looked at", report.not_looked_at)):
        if lines:
            yield f"\n{title}"
            yield from (_SIDE + visible(line, 300) for line in lines)
    if not report.dangerous:
        yield "\nThis is what is known to look for; it is no proof that there is nothing."


def _verdict(report: ScanReport) -> str:
    counts = Counter(finding.severity for finding in report.findings)
    said = ", ".join(f"{count} {severity}" for severity, count in counts.items())
    if report.dangerous:
        return said
    return "nothing dangerous found" + (f"; {said}" if said else "")


def _finding(finding: Finding) -> Iterator[str]:
    yield f"{finding.severity.upper()}  {visible(finding.where, 200)}"
    yield _SIDE + visible(finding.what, 600)
    yield f"{_SIDE}could: {visible(finding.could, 400)}"
    yield f"{_SIDE}do:    {visible(finding.advice, 400)}"
