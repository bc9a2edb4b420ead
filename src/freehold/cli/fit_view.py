"""Fits as a person reads them: a table with bars and colour where the terminal has them."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

from freehold.cli.fit_cells import COLOURS, brief, licence_cell, memory_cell, speed_cell
from freehold.cli.fit_foot import foot_lines, head_line
from freehold.cli.fit_named import show_named
from freehold.cli.terminal import console, note, printable

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.actions.ask_fit import FitReport
    from freehold.actions.fit import FitRow
    from freehold.actions.fit_tasks import TaskAnswer

_ANSWERS = {"here": "green", "partly here": "yellow", "elsewhere": "red", "unknown": "dim"}
_WIDE, _WIDER = 120, 140
"""Columns of a terminal from which on licence and quality have room."""


def show_report(report: FitReport, *, everything: bool) -> None:
    """Data to standard output; how sure it is to standard error."""
    for named in report.named:
        show_named(named, report)
    if not report.named:
        _show_all(report, everything=everything)
    for line in foot_lines(report):
        note(line)


def _show_all(report: FitReport, *, everything: bool) -> None:
    from freehold.actions.ask_fit import is_wanted
    from freehold.actions.fit_tasks import benchmark_of, shortlist

    shown = list(report.rows)
    if not everything:
        shown = [row for row in shown if is_wanted(row, report.wishes)]
        shown = shown if report.is_of_one_task else shortlist(shown)
    print(printable(head_line(report)) + "\n")
    if report.answers:
        show_tasks(report.answers)
        print()
    if shown:
        show_rows(shown, report.limit, benchmark_of(shown))
    if hidden := len(report.rows) - len(shown):
        able = sum(is_wanted(row, report.wishes) for row in report.rows) - len(shown)
        more = f"{able} more would do, and " if able else ""
        note(f"{more}{hidden - able} do not fit, are too slow or are not known: --all shows them.")


def show_rows(rows: Sequence[FitRow], usable: int | None, benchmark: str | None = None) -> None:
    """The table of models; `usable` bytes are a full bar."""
    from rich.table import Table
    from rich.text import Text

    out = console(sys.stdout)
    piped = not sys.stdout.isatty()
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    columns = ["MODEL", "PACKED", "MEMORY", "TOKENS/S"]
    told = any(row.subject.quality for row in rows)
    columns += ["QUALITY"] if told and (piped or out.width >= _WIDER) else []
    columns += ["LICENCE"] if piped or out.width >= _WIDE else []
    for name in [*columns, "VERDICT"]:
        table.add_column(name, no_wrap=piped or name not in {"LICENCE", "QUALITY", "VERDICT"})
    for row in rows:
        cells: dict[str, Text] = {
            "MODEL": _name(row),
            "PACKED": Text(printable((row.build and row.build.quantization) or "")),
            "MEMORY": memory_cell(row, usable),
            "TOKENS/S": Text(speed_cell(row)),
            "QUALITY": Text(_quality(row, benchmark)),
            "LICENCE": Text(licence_cell(row)),
        }
        said = row.words if piped or out.width >= _WIDER else brief(row)
        words = Text(printable(said), COLOURS[row.verdict])
        table.add_row(*(cells[name] for name in columns), words)
    out.print(table)


def show_tasks(answers: Sequence[TaskAnswer]) -> None:
    """Does a task need anyone else's computer? One line for each."""
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("TASK", no_wrap=True)
    table.add_column("DOES IT NEED ANYONE ELSE'S COMPUTER?", no_wrap=not sys.stdout.isatty())
    for answer in answers:
        said, _, rest = answer.words.partition(":")
        words = Text(said, f"bold {_ANSWERS[answer.place]}") + Text(printable(f":{rest}"))
        table.add_row(Text(answer.task, "bold"), words)
    console(sys.stdout).print(table)


def _name(row: FitRow) -> Text:
    from rich.text import Text

    name = Text(printable(row.subject.name))
    return Text.assemble(name, (" (yours)", "bold cyan")) if row.subject.owned else name


def _quality(row: FitRow, benchmark: str | None) -> str:
    figures = row.subject.quality
    found = [each for each in figures if each.benchmark == benchmark] or list(figures)
    return f"{found[0].benchmark} {found[0].score:g}" if found else ""
