"""What a person sees: data on standard output, everything else on standard error.

Colour and bars only where the stream is a terminal and NO_COLOR is not set.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any, Literal, TextIO

if TYPE_CHECKING:
    from rich.console import Console

_HARMLESS_CONTROLS = {"\n", "\t"}


def printable(text: str) -> str:
    """`text` without the control characters that could drive a terminal.

    Model output and file names are other people's text: an escape sequence in them could retitle
    the window, move the cursor or worse.
    """
    if text.isprintable():
        return text
    return "".join(
        ch for ch in text if ch in _HARMLESS_CONTROLS or not (ord(ch) < 32 or 127 <= ord(ch) < 160)
    )


def is_colourful(stream: TextIO) -> bool:
    """Whether to use colour on this stream."""
    return stream.isatty() and not os.environ.get("NO_COLOR") and os.environ.get("TERM") != "dumb"


def note(text: str) -> None:
    """A remark on standard error."""
    print(printable(text), file=sys.stderr, flush=True)


def print_json(value: Any) -> None:
    """One JSON document on standard output."""
    print(json.dumps(value, indent=2, ensure_ascii=False))


def print_table(headings: Sequence[str], rows: Iterable[Sequence[str]], right: set[int]) -> None:
    """An aligned table; the columns in `right` are aligned right. The first is never cut, and
    nothing is when piped.
    """
    from rich.table import Table
    from rich.text import Text

    rows = list(rows)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    for index, heading in enumerate(headings):
        justify: Literal["right", "left"] = "right" if index in right else "left"
        whole = index == 0 or not sys.stdout.isatty()
        width = max([len(row[0]) for row in rows], default=0) if index == 0 else None
        table.add_column(heading, justify=justify, no_wrap=whole, min_width=width)
    for row in rows:
        table.add_row(*(Text(printable(cell)) for cell in row))
    console(sys.stdout).print(table)


def console(stream: TextIO) -> Console:
    """A rich console that never wraps what goes into a pipe."""
    from rich.console import Console

    colourful = is_colourful(stream)
    return Console(
        file=stream,
        no_color=not colourful,
        highlight=False,
        emoji=False,
        markup=False,
        soft_wrap=not stream.isatty(),
        width=None if stream.isatty() else 10_000,
    )


def confirm(question: str, *, assume_yes: bool) -> bool | None:
    """Ask a yes-or-no question; yes is the default. None when there is no one to ask."""
    if assume_yes:
        return True
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return None
    print(f"{printable(question)} [Y/n] ", end="", file=sys.stderr, flush=True)
    answer = sys.stdin.readline()
    if not answer:
        print(file=sys.stderr)
        return False
    return answer.strip().lower() in {"", "y", "yes"}
