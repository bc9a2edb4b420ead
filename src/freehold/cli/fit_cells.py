"""What a table of fits and one model's builds say in their cells, and in which colour."""

from __future__ import annotations

import re
import sys
from typing import TYPE_CHECKING

from freehold.actions.fit_words import Verdict, plain_rate, rate_words, whole_bytes
from freehold.cli.terminal import is_colourful, printable

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.actions.fit import FitRow
    from freehold.device.estimates import Rate

_CELLS = 8
COLOURS = {
    Verdict.FITS: "green",
    Verdict.SLOW: "yellow",
    Verdict.NOT_NOW: "yellow",
    Verdict.TOO_LARGE: "red",
    Verdict.UNKNOWN: "dim",
}
_LICENCES = {"open source": " (open)", "open with restrictions": " (restricted)", "unknown": ""}


def brief(row: FitRow) -> str:
    """The verdict without the figures that stand beside it in the table."""
    if row.verdict is Verdict.TOO_LARGE:
        return row.words.partition(", ")[0]
    if row.speed is None:
        return row.words
    words = row.words.replace(f"{rate_words(row.speed.decode)}, ", "")
    return re.sub(r"^fits with \d-bit", "fits", words)


def licence_cell(row: FitRow) -> str:
    """`Apache-2.0 (open)`; `unknown` where nothing was said."""
    licence = row.subject.licence
    if licence is None:
        return "unknown"
    return printable(f"{licence}{_LICENCES[row.subject.licence_kind]}")


def rate_cell(rate: Rate) -> str:
    """`9 (7-12)`: what is expected, and the band for nine of ten runs."""
    return f"{plain_rate(rate.expected)} ({plain_rate(rate.low)}-{plain_rate(rate.high)})"


def speed_cell(row: FitRow) -> str:
    """The rate of what it does, with its band."""
    if row.speed is None:
        return ""
    return rate_cell(row.speed.decode if row.subject.writes else row.speed.prefill)


def memory_cell(row: FitRow, usable: int | None) -> Text:
    """What it needs, behind a bar of the share that this is where the terminal has bars."""
    from rich.text import Text

    if row.need is None:
        return Text("")
    words = whole_bytes(row.need.least)
    if usable and sys.stdout.isatty():
        share = row.need.least / usable
        full = min(_CELLS, max(1, round(share * _CELLS)))
        colour = "green" if share < 0.7 else "yellow" if share <= 1 else "red"
        bar = Text("█" * full, colour if is_colourful(sys.stdout) else "")
        return bar + Text("░" * (_CELLS - full), "dim") + f" {words:>7}"
    return Text(f"{words:>7}")
