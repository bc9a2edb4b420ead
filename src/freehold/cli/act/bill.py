"""Read a bill for its red lines: which clauses stand before owning or running a model.

The bill is a file (text, GovInfo XML, HTML, PDF), an address, or - for standard input. Fixed rules
class each clause, and each finding carries its words, checked against the source. An address is
fetched; nothing else here goes over the network. Not legal advice.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.opening import add_json_option, owned_names
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.errors import UsageError
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.read_bill import BillRead
    from freehold.civic.clauses.report import Report
    from freehold.civic.clauses.scale import Machine
    from freehold.progress import Progress

EXAMPLES = """\
examples:
  freehold act bill S2938.xml
  freehold act bill https://www.example.gov/bill.html
  pdftotext bill.pdf - | freehold act bill -
  freehold act bill amended.txt --against introduced.txt
  freehold act bill S2938.xml --html bill.html         to print, clauses marked in place
  freehold act bill S2938.xml --model smollm2          it may choose where rules are unsure
"""


def configure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("bill", metavar="FILE|URL|-", help="a bill's text, XML, HTML or PDF")
    parser.add_argument(
        "--against", metavar="OLDER", help="an older version: which red lines came or went"
    )
    parser.add_argument("--all", action="store_true", help="every clause with its class")
    parser.add_argument("--markdown", action="store_true", help="print it as Markdown")
    parser.add_argument(
        "--html", type=Path, metavar="OUT", help="write a page with the clauses marked in place"
    )
    for option, what in (
        ("--model", "an owned model that may choose among labels where the rules are unsure"),
        ("--plain", "an owned model that says each red line in plain words, marked as its own"),
    ):
        argument = parser.add_argument(option, metavar="NAME", help=what)
        argument.completer = owned_names  # type: ignore[attr-defined]  # argcomplete's convention
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.read_bill import read_bill_from, this_machine

    if args.json and args.markdown:
        raise UsageError("--json and --markdown are two ways to print.", "Choose one.")
    if args.bill == "-" and args.against == "-":
        raise UsageError("Standard input holds one bill only.", "Give the other as a file.")
    settings, shown = Settings.load(), progress()
    read = read_bill_from(args.bill, settings, shown, _standard_input)
    older = read_bill_from(args.against, settings, shown, _standard_input) if args.against else None
    read = _with_models(args, settings, read, shown)
    machine = this_machine(settings, shown)
    if args.html is not None:
        _write_page(args.html, read.report, machine)
    _print(args, read, older, machine)
    return 0


def _print(
    args: argparse.Namespace, read: BillRead, older: BillRead | None, machine: Machine
) -> None:
    from freehold.cli.act.bill_json import document
    from freehold.cli.act.bill_view import report_lines, version_lines

    versions = None
    if older is not None:
        from freehold.civic.clauses.versions import compare

        versions = compare(older.report, read.report)
    if args.json:
        print_json(document(read, machine, versions, every=args.all))
    elif args.markdown:
        from freehold.civic.clauses.markdown import markdown

        print(markdown(read.report, machine, every=args.all), end="")
    else:
        lines: Iterator[str] = report_lines(read.report, machine, every=args.all)
        print("\n".join(version_lines(versions) if versions else lines))


def _with_models(
    args: argparse.Namespace, settings: Settings, read: BillRead, shown: Progress
) -> BillRead:
    """What the models that were named add to it."""
    from freehold.cli.opening import open_libraries

    if not args.model and not args.plain:
        return read
    from freehold.actions.asker import Asker
    from freehold.civic.clauses.choosing import choose, in_plain_words

    report = read.report
    with open_libraries(settings) as libraries:
        if args.model:
            with Asker(libraries, settings, args.model, shown) as asker:
                report = choose(report, asker.ask, asker.name)
        if args.plain:
            with Asker(libraries, settings, args.plain, shown) as asker:
                report = in_plain_words(report, asker.ask)
    return replace(read, report=report)


def _standard_input() -> bytes:
    if sys.stdin.isatty():
        note("Reading the bill from standard input; end it with Ctrl-D.")
    return sys.stdin.buffer.read()


def _write_page(path: Path, report: Report, machine: Machine) -> None:
    from freehold.civic.clauses.page import page
    from freehold.store.durable import storage_errors, write_durably

    with storage_errors(f"write {path}"):
        write_durably(path, page(report, machine).encode("utf-8", "replace"))
    note(f"{path} is the page.")
