"""A chart of lying bars as one SVG file, for figures of several things side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.cli.svg_axis import Axis, linear_axis
from freehold.cli.svg_page import WIDTH, Entry, colour_class, page, page_top, text, width_of

_RIGHT, _BOTTOM, _BAR, _GAP = 76, 46, 16, 14


@dataclass(frozen=True)
class Row:
    """One thing and its figures, one for each name in `BarChart.names`; None leaves a gap."""

    label: str
    values: tuple[float | None, ...]


@dataclass(frozen=True)
class BarChart:
    """What to draw. Bars begin at zero, always."""

    title: str
    value_label: str
    names: tuple[str, ...]
    """What the bars of a row are, in their order: one name needs no legend."""
    rows: tuple[Row, ...]
    subtitle: str = ""


def bar_chart(chart: BarChart) -> str:
    """The text of the SVG file."""
    legend = [Entry(name, colour_class(index)) for index, name in enumerate(chart.names)]
    top = page_top(legend) + 4
    left = round(min(280.0, 40 + max((width_of(row.label) for row in chart.rows), default=0)))
    known = [value for row in chart.rows for value in row.values if value is not None]
    axis = linear_axis([*known, 0.0])
    tall = len(chart.names) * _BAR + _GAP
    bottom = top + tall * len(chart.rows)
    parts = list(_grid(axis, left, top, bottom, chart.value_label))
    for number, row in enumerate(chart.rows):
        parts += _row(chart, row, axis, left, top + number * tall + _GAP / 2)
    words = f"{chart.value_label}. " + " ".join(_in_words(chart))
    return page(chart.title, chart.subtitle, words, legend, bottom + _BOTTOM, parts)


def _in_words(chart: BarChart) -> Iterator[str]:
    for row in chart.rows:
        pairs = zip(chart.names, row.values, strict=True)
        said = [f"{name} {'not known' if v is None else f'{v:,.4g}'}" for name, v in pairs]
        yield f"{row.label}: {', '.join(said)}."


def _x(axis: Axis, value: float, left: int) -> float:
    return left + axis.share(value) * (WIDTH - _RIGHT - left)


def _grid(axis: Axis, left: int, top: int, bottom: int, label: str) -> Iterator[str]:
    for value, words in axis.ticks:
        x = _x(axis, value, left)
        yield f'<path class="grid" d="M{x:.1f} {top}V{bottom}"/>'
        yield _words("tick", words, x, bottom + 16, "middle")
    yield _words("quiet", label, (left + WIDTH - _RIGHT) / 2, bottom + 36, "middle")


def _row(chart: BarChart, row: Row, axis: Axis, left: int, y: float) -> Iterator[str]:
    yield _words("label", row.label, left - 10, y + len(chart.names) * _BAR / 2 + 4, "end")
    start = _x(axis, 0.0, left)
    for index, (name, value) in enumerate(zip(chart.names, row.values, strict=True)):
        if value is None:
            continue
        end, at = _x(axis, value, left), y + index * _BAR
        place = f'x="{min(start, end):.1f}" y="{at + 1:.1f}" width="{abs(end - start):.1f}"'
        said = text(f"{row.label}, {name}: {value:,.4g}")
        yield (
            f'<rect class="bar {colour_class(index)}" {place} height="{_BAR - 2}" rx="2">'
            f"<title>{said}</title></rect>"
        )
        yield _words("tick", f"{value:,.4g}", max(start, end) + 6, at + 12, "start")


def _words(kind: str, words: str, x: float, y: float, anchor: str) -> str:
    where = f'x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{text(words)}</text>'
