"""Lying bars made of several pieces each, as one SVG file: what a whole is made of, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.cli.svg_lying import BELOW, Plot, plot_of, words_at
from freehold.cli.svg_page import Entry, colour_class, page, page_top, text

_RIGHT, _GAP = 40, 3
_TALL, _LOW = 16, 7
_MANY = 40
"""Rows from which on bars are low, and only every fourth is named."""


@dataclass(frozen=True)
class StackRow:
    """One bar: an amount for each name in `StackChart.names`."""

    label: str
    amounts: tuple[float, ...]


@dataclass(frozen=True)
class StackChart:
    """What to draw. No amount is below zero."""

    title: str
    value_label: str
    names: tuple[str, ...]
    rows: tuple[StackRow, ...]
    subtitle: str = ""


def stack_chart(chart: StackChart) -> str:
    """The text of the SVG file."""
    legend = [Entry(name, colour_class(index)) for index, name in enumerate(chart.names)]
    top = page_top(legend) + 4
    many = len(chart.rows) > _MANY
    bar = _LOW if many else _TALL
    sums = (sum(row.amounts) for row in chart.rows)
    plot = plot_of((row.label for row in chart.rows), sums, _RIGHT)
    bottom = top + (bar + _GAP) * len(chart.rows) + _GAP
    parts = list(plot.grid(top, bottom, chart.value_label))
    for number, row in enumerate(chart.rows):
        y = top + _GAP + number * (bar + _GAP)
        if not many or number % 4 == 0:
            parts.append(words_at("tick", row.label, plot.left - 10, y + bar / 2 + 4, "end"))
        parts += _row(chart, row, plot, y, bar)
    words = f"{chart.value_label}. " + " ".join(_in_words(chart))
    return page(chart.title, chart.subtitle, words, legend, bottom + BELOW, parts)


def _in_words(chart: StackChart) -> Iterator[str]:
    for row in chart.rows:
        pairs = zip(chart.names, row.amounts, strict=True)
        said = [f"{name} {amount:,.4g}" for name, amount in pairs if amount]
        yield f"{row.label}: {', '.join(said) or 'nothing'}."


def _row(chart: StackChart, row: StackRow, plot: Plot, y: float, bar: int) -> Iterator[str]:
    done = 0.0
    for index, (name, amount) in enumerate(zip(chart.names, row.amounts, strict=True)):
        start, end = plot.x(done), plot.x(done + amount)
        done += amount
        if not amount:
            continue
        said = text(f"{row.label}, {name}: {amount:,.4g}")
        yield (
            f'<rect class="bar {colour_class(index)}" x="{start:.1f}" y="{y:.1f}" '
            f'width="{max(end - start, 0.5):.1f}" height="{bar}"><title>{said}</title></rect>'
        )
