"""A line chart as one SVG file: readable on light and dark pages, by eye and by screen reader.

It needs nothing but this text: no script, no font, no outside file. Every point says its own
values to a pointer that rests on it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from freehold.cli.svg_axis import Axis, doubling_axis, linear_axis
from freehold.cli.svg_page import WIDTH, Entry, colour_class, page, page_top, text

_HEIGHT = 440
_LEFT, _RIGHT, _BOTTOM = 72, 28, 58

Point = tuple[float, float]
Place = Callable[[float, float], Point]


@dataclass(frozen=True)
class Series:
    """One line. `band` holds (x, low, high): what the value may be where it is uncertain."""

    name: str
    points: tuple[Point, ...]
    band: tuple[tuple[float, float, float], ...] = ()
    dashed: bool = False
    """For what is predicted or compared with."""
    colour: int | None = None
    """Which of the six; its place in the chart if None. Two lines of one thing share one."""


@dataclass(frozen=True)
class Chart:
    """What to draw."""

    title: str
    x_label: str
    y_label: str
    series: tuple[Series, ...]
    subtitle: str = ""
    doubling: bool = False
    """Whether each doubling of x takes the same room: for contexts and batch sizes."""
    from_zero: bool = True
    """Whether the upright axis begins at zero: without it, differences look larger."""


def line_chart(chart: Chart) -> str:
    """The text of the SVG file. Raises ValueError for a doubling axis with a value of 0 or less."""
    legend = [
        Entry(each.name, _colour(index, each), each.dashed)
        for index, each in enumerate(chart.series)
    ]
    top = page_top(legend)
    across, up = _axes(chart)
    place = _placing(across, up, top)
    parts = list(_grid(across, up, place, chart, top))
    for index, each in enumerate(chart.series):
        parts += _series(each, _colour(index, each), place)
    return page(chart.title, chart.subtitle, _in_words(chart), legend, _HEIGHT, parts)


def _axes(chart: Chart) -> tuple[Axis, Axis]:
    xs = [x for each in chart.series for x, _ in each.points]
    ys = [y for each in chart.series for _, y in each.points]
    ys += [y for each in chart.series for _, low, high in each.band for y in (low, high)]
    up = linear_axis(ys, from_zero=chart.from_zero)
    if chart.doubling:
        return doubling_axis(xs), up
    return linear_axis(xs, from_zero=False), up


def _placing(across: Axis, up: Axis, top: int) -> Place:
    width, height = WIDTH - _LEFT - _RIGHT, _HEIGHT - top - _BOTTOM

    def place(x: float, y: float) -> Point:
        return _LEFT + across.share(x) * width, _HEIGHT - _BOTTOM - up.share(y) * height

    return place


def _colour(index: int, series: Series) -> str:
    return colour_class(index if series.colour is None else series.colour)


def _in_words(chart: Chart) -> str:
    """What a person who cannot see the chart wants to know: every line with its ends."""
    parts = [f"{chart.y_label} against {chart.x_label}."]
    for each in chart.series:
        if each.points:
            (x0, y0), (x1, y1) = each.points[0], each.points[-1]
            parts.append(f"{each.name}: from {y0:,.4g} at {x0:,.6g} to {y1:,.4g} at {x1:,.6g}.")
    return " ".join(parts)


def _grid(across: Axis, up: Axis, place: Place, chart: Chart, top: int) -> Iterator[str]:
    right, bottom = WIDTH - _RIGHT, _HEIGHT - _BOTTOM
    for value, label in up.ticks:
        _, y = place(across.low, value)
        yield f'<path class="grid" d="M{_LEFT} {y:.1f}H{right}"/>'
        yield _tick(label, _LEFT - 10, y + 4, "end")
    for value, label in across.ticks:
        x, _ = place(value, up.low)
        yield f'<path class="axis" d="M{x:.1f} {bottom}v5"/>'
        yield _tick(label, x, bottom + 20, "middle")
    yield f'<path class="axis" d="M{_LEFT} {bottom}H{right}"/>'
    middle, turn = (_LEFT + right) / 2, f"translate(20 {(top + bottom) / 2:g}) rotate(-90)"
    yield _quiet(f'x="{middle:g}" y="{_HEIGHT - 14}"', chart.x_label)
    yield _quiet(f'transform="{turn}"', chart.y_label)


def _tick(label: str, x: float, y: float, anchor: str) -> str:
    return f'<text class="tick" x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}">{label}</text>'


def _quiet(where: str, words: str) -> str:
    return f'<text class="quiet" {where} text-anchor="middle">{text(words)}</text>'


def _series(series: Series, colour: str, place: Place) -> Iterator[str]:
    if series.band:
        there = [place(x, high) for x, _, high in series.band]
        back = [place(x, low) for x, low, _ in reversed(series.band)]
        yield f'<path class="band {colour}" d="M{_path(there + back)}Z"/>'
    placed = [place(x, y) for x, y in series.points]
    if len(placed) > 1:
        dash = " dashed" if series.dashed else ""
        yield f'<path class="line {colour}{dash}" d="M{_path(placed)}"/>'
    hollow = " hollow" if series.dashed else ""
    for (x, y), (cx, cy) in zip(series.points, placed, strict=True):
        yield (
            f'<circle class="dot {colour}{hollow}" cx="{cx:.1f}" cy="{cy:.1f}" r="3.5">'
            f"<title>{text(f'{series.name}: {y:,.4g} at {x:,.6g}')}</title></circle>"
        )


def _path(points: list[Point]) -> str:
    return "L".join(f"{x:.1f} {y:.1f}" for x, y in points)
