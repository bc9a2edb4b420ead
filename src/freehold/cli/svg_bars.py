"""A chart of lying bars as one SVG file, for figures of several things side by side."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.cli.svg_lying import BELOW, Plot, plot_of, words_at
from freehold.cli.svg_page import Entry, colour_class, page, page_top, text

_RIGHT, _BAR, _GAP = 76, 16, 14


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
    known = [value for row in chart.rows for value in row.values if value is not None]
    plot = plot_of((row.label for row in chart.rows), known, _RIGHT)
    tall = len(chart.names) * _BAR + _GAP
    bottom = top + tall * len(chart.rows)
    parts = list(plot.grid(top, bottom, chart.value_label))
    for number, row in enumerate(chart.rows):
        parts += _row(chart, row, plot, top + number * tall + _GAP / 2)
    words = f"{chart.value_label}. " + " ".join(_in_words(chart))
    return page(chart.title, chart.subtitle, words, legend, bottom + BELOW, parts)


def _in_words(chart: BarChart) -> Iterator[str]:
    for row in chart.rows:
        pairs = zip(chart.names, row.values, strict=True)
        said = [f"{name} {'not known' if v is None else f'{v:,.4g}'}" for name, v in pairs]
        yield f"{row.label}: {', '.join(said)}."


def _row(chart: BarChart, row: Row, plot: Plot, y: float) -> Iterator[str]:
    yield words_at("label", row.label, plot.left - 10, y + len(chart.names) * _BAR / 2 + 4, "end")
    start = plot.x(0.0)
    for index, (name, value) in enumerate(zip(chart.names, row.values, strict=True)):
        if value is None:
            continue
        end, at = plot.x(value), y + index * _BAR
        place = f'x="{min(start, end):.1f}" y="{at + 1:.1f}" width="{abs(end - start):.1f}"'
        said = text(f"{row.label}, {name}: {value:,.4g}")
        yield (
            f'<rect class="bar {colour_class(index)}" {place} height="{_BAR - 2}" rx="2">'
            f"<title>{said}</title></rect>"
        )
        yield words_at("tick", f"{value:,.4g}", max(start, end) + 6, at + 12, "start")
