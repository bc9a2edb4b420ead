"""Before and after: what `modify` made, measured against what it was made from.

MODEL is an adapter, a merged, edited or quantized model, or a control vector; NAME:SCALE as `run`
takes it. Held-out examples, a text and a task that have nothing to do with it, answers side by
side, sizes and speeds. What got worse is said in the first line.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.cli.numbers import positive
from freehold.cli.opening import add_json_option, add_model_argument, open_libraries
from freehold.cli.reporting import progress
from freehold.cli.terminal import note, print_json
from freehold.settings import Settings

if TYPE_CHECKING:
    from freehold.actions.reporting.report import Report, Wanted
    from freehold.study.evaluation.task import Task

EXAMPLES = """\
examples:
  freehold modify report talks --data talks.jsonl
  freehold modify report talks:0.7 --held-out test.jsonl --card README.md
  freehold modify report smollm2-letters --tasks arithmetic --tasks ./my_task.yaml
  freehold modify report gladness:0.3 --windows 2
"""


def configure(parser: argparse.ArgumentParser) -> None:
    add_model_argument(parser)
    parser.add_argument(
        "--data",
        type=Path,
        metavar="FILE",
        help="what it was trained on, to test with what was held out",
    )
    parser.add_argument("--held-out", type=Path, metavar="FILE", help="test with these examples")
    parser.add_argument(
        "--against", metavar="OTHER", help="a name or a path in place of what it was made from"
    )
    parser.add_argument(
        "--tasks", action="append", metavar="TASK", help="as in `study eval`; default everyday"
    )
    parser.add_argument("--file", type=Path, metavar="TEXT", help="the unrelated text")
    parser.add_argument(
        "--windows", type=positive, metavar="N", help="read so much of it: N times 512 tokens"
    )
    parser.add_argument(
        "--samples", type=_count, default=3, metavar="N", help="answers to show; default 3"
    )
    parser.add_argument(
        "--rounds", type=positive, default=3, metavar="N", help="of measuring speeds; default 3"
    )
    parser.add_argument("--card", type=Path, metavar="FILE.md", help="write a card to publish")
    add_json_option(parser)


def run(args: argparse.Namespace) -> int:
    from freehold.actions.reporting.report import report
    from freehold.cli.bench_view import machine_line
    from freehold.cli.modify import report_view as view
    from freehold.device.probe import probe

    settings, wanted = Settings.load(), _wanted(args)
    with open_libraries(settings) as libraries:
        found = report(libraries, settings, args.model, wanted, progress())
    machine = machine_line(probe())
    if args.json:
        print_json(view.document(found, machine))
    else:
        view.print_report(found, machine)
    if args.card is not None:
        _write_card(args.card, found, machine)
    return 0


def _wanted(args: argparse.Namespace) -> Wanted:
    from freehold.actions.reporting.report import Wanted
    from freehold.cli.study.text_argument import read_file
    from freehold.study.perplexity import WindowChoices
    from freehold.study.texts import Text, plain_text

    text = Text(args.file.name, read_file(args.file)) if args.file else plain_text()
    return Wanted(
        text,
        WindowChoices(most=args.windows),
        _tasks(args.tasks or ["everyday"]),
        args.data,
        args.held_out,
        args.against,
        args.samples,
        args.rounds,
    )


def _tasks(words: list[str]) -> tuple[Task, ...]:
    """All of them are read before anything is measured: a fault in the last shows at once."""
    from freehold.study.evaluation.examples import examples_of
    from freehold.study.evaluation.shipped import task_path
    from freehold.study.evaluation.task import read_task

    tasks = tuple(read_task(task_path(word)) for word in words)
    for task in tasks:
        examples_of(task)
    return tasks


def _write_card(path: Path, found: Report, machine: str) -> None:
    from freehold.actions.reporting.card import card_of
    from freehold.modify.card import card_text
    from freehold.store.durable import storage_errors, write_durably

    with storage_errors(f"write {path}"):
        write_durably(path, card_text(card_of(found, machine)).encode("utf-8", "replace"))
    quoted = " It quotes held-out examples; without: --samples 0." if found.quotes_held_out else ""
    note(f"{path} is the card.{quoted if found.answers.samples else ''}")


def _count(text: str) -> int:
    number = int(text)
    if not 0 <= number <= 20:
        raise argparse.ArgumentTypeError(f"{text} is not a number from 0 to 20")
    return number
