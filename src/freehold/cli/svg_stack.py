"""Lying bars made of several pieces each, as one SVG file: what a whole is made of, row by row."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.cli.svg_axis import Axis, linear_axis
from freehold.cli.svg_page import WIDTH, Entry, colour_class, page, page_top, text, width_of

_RIGHT, _BOTTOM, _GAP = 40, 46, 3
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
    left = round(min(280.0, 40 + max((width_of(row.label) for row in chart.rows), default=0)))
    axis = linear_axis([*(sum(row.amounts) for row in chart.rows), 0.0])
    bottom = top + (bar + _GAP) * len(chart.rows) + _GAP
    parts = list(_grid(axis, left, top, bottom, chart.value_label))
    for number, row in enumerate(chart.rows):
        y = top + _GAP + number * (bar + _GAP)
        if not many or number % 4 == 0:
            parts.append(_words("tick", row.label, left - 10, y + bar / 2 + 4, "end"))
        parts += _row(chart, row, axis, left, y, bar)
    words = f"{chart.value_label}. " + " ".join(_in_words(chart))
    return page(chart.title, chart.subtitle, words, legend, bottom + _BOTTOM, parts)


def _in_words(chart: StackChart) -> Iterator[str]:
    for row in chart.rows:
        pairs = zip(chart.names, row.amounts, strict=True)
        said = [f"{name} {amount:,.4g}" for name, amount in pairs if amount]
        yield f"{row.label}: {', '.join(said) or 'nothing'}."


def _row(
    chart: StackChart, row: StackRow, axis: Axis, left: int, y: float, bar: int
) -> Iterator[str]:
    done = 0.0
    for index, (name, amount) in enumerate(zip(chart.names, row.amounts, strict=True)):
        start, end = _x(axis, done, left), _x(axis, done + amount, left)
        done += amount
        if not amount:
            continue
        said = text(f"{row.label}, {name}: {amount:,.4g}")
        yield (
            f'<rect class="bar {colour_class(index)}" x="{start:.1f}" y="{y:.1f}" '
            f'width="{max(end - start, 0.5):.1f}" height="{bar}"><title>{said}</title></rect>'
        )


def _x(axis: Axis, value: float, left: int) -> float:
    return left + axis.share(value) * (WIDTH - _RIGHT - left)


def _grid(axis: Axis, left: int, top: int, bottom: int, label: str) -> Iterator[str]:
    for value, words in axis.ticks:
        x = _x(axis, value, left)
        yield f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
        yield _words("tick", words, x, bottom + 16, "middle")
    yield _words("quiet", label, (left + WIDTH - _RIGHT) / 2, bottom + 36, "middle")


def _words(kind: str, words: str, x: float, y: float, anchor: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{text(words)}</text>'
