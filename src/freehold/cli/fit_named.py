"""One model's fit as a person reads it: every way of packing it, the best, and what it takes."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.actions.fit_words import PAGE_TOKENS, duration, whole_bytes
from freehold.cli.fit_cells import COLOURS, brief, licence_cell, memory_cell, speed_cell
from freehold.cli.terminal import console, note, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from freehold.actions.ask_fit import FitReport, NamedFit
    from freehold.actions.fit import FitRow


def show_named(named: NamedFit, report: FitReport) -> None:
    """A heading, a table of builds, and the best one in detail."""
    from rich.text import Text

    out = console(sys.stdout)
    out.print(Text(printable(f"{named.name}, {licence_cell(named.best)}"), "bold"))
    if named.fetched:
        note(
            f"Looked into {human_bytes(named.size)} of files by reading "
            f"{human_bytes(named.fetched)} of them; nothing was kept."
        )
    for name, why in named.unread:
        note(f"Not looked into: {name}: {why}")
    if len(named.rows) > 1:
        _show_builds(named, report.limit)
        print()
    for label, words in card_lines(named.best):
        out.print(Text(f"{label:<10}", "bold cyan") + Text(printable(words)))
    print()


def _show_builds(named: NamedFit, limit: int | None) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for name in ("", "PACKED", "MEMORY", "TOKENS/S", "VERDICT"):
        table.add_column(name, no_wrap=name != "VERDICT" or not sys.stdout.isatty())
    for row in named.rows:
        best = row.build == named.best.build and named.best.fits
        table.add_row(
            Text("*" if best else ""),
            Text(printable((row.build and row.build.quantization) or "")),
            memory_cell(row, limit),
            Text(speed_cell(row)),
            Text(printable(brief(row)), COLOURS[row.verdict]),
        )
    console(sys.stdout).print(table)


def card_lines(row: FitRow) -> Iterator[tuple[str, str]]:
    """What is known of the chosen build, in words."""
    yield "Verdict", row.words
    if row.build is not None:
        yield "Packed", row.build.quantization or "as it is"
    if (need := row.need) is not None:
        parts = (
            ("weights", need.weights - need.spare),
            ("cache", need.cache),
            ("computing", need.compute),
            ("output", need.output),
            ("engine and rearranged copies", need.overhead),
        )
        told = ", ".join(f"{name} {whole_bytes(size)}" for name, size in parts if size)
        spare = f"; {whole_bytes(need.spare)} more while there is room" if need.spare else ""
        context = f"with {row.context:,} tokens of context"
        yield "Memory", f"{whole_bytes(need.least)} {context}: {told}{spare}"
    if row.subject.beside:
        yield "Beside it", f"not counted: {row.subject.beside}"
    if row.speed is not None:
        page = duration(PAGE_TOKENS / row.speed.prefill.expected)
        yield "Reading", f"a page of prompt in {page}"
    for figure in row.subject.quality:
        how = f" ({figure.setting})" if figure.setting else ""
        yield "Quality", f"{figure.benchmark} {figure.score:g}{how}, {figure.source}"
    if row.fits and row.build is not None and row.build.ref and not row.subject.owned:
        yield "Get it", f"freehold get {row.build.ref}"
