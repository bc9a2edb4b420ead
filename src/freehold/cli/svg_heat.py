"""A map of values as one SVG file: a cell for each row and column, the stronger the deeper its
colour, with a word written in where there is room. Values below zero have a colour of their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.cli.svg_page import WIDTH, colour_class, page, text, width_of

_TOP, _HIGH, _MARGIN = 66, 20, 24
_DEEPEST = 0.6
"""Of a cell's colour, so that what is written on it can be read in light and dark."""
_SMALL_LETTER = 6.4
"""About the width of a letter in a cell."""


@dataclass(frozen=True)
class Cell:
    """One value, from -1 to 1."""

    value: float
    says: str
    """What it tells a pointer that rests on it."""
    word: str = ""


@dataclass(frozen=True)
class HeatMap:
    """What to draw: `cells` by row, one for each column."""

    title: str
    subtitle: str
    words: str
    """What it shows, for those who cannot see it."""
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[Cell, ...], ...]
    wide: int = 64
    """The width of a cell."""
    row_title: str = ""
    column_title: str = ""


def heat_map(heat: HeatMap) -> str:
    """The text of the SVG file."""
    labels = [*heat.rows, heat.row_title]
    left = round(min(220.0, _MARGIN + 14 + max(map(width_of, labels), default=0.0)))
    leaning = heat.wide < max(map(width_of, heat.columns), default=0.0)
    top = _TOP + (18 if heat.column_title else 0) + (44 if leaning else 14)
    width = max(WIDTH, left + heat.wide * len(heat.columns) + _MARGIN + 30 * leaning)
    parts = list(_headings(heat, left, top, leaning=leaning))
    for index, (label, cells) in enumerate(zip(heat.rows, heat.cells, strict=True)):
        y = top + index * _HIGH
        parts.append(_label(_fitting(label, left - _MARGIN), left - 8, y + 14, "end"))
        parts += [_cell(cell, left + at * heat.wide, y, heat.wide) for at, cell in enumerate(cells)]
    height = top + len(heat.rows) * _HIGH + _MARGIN
    return page(heat.title, heat.subtitle, heat.words, (), height, parts, width)


def _headings(heat: HeatMap, left: int, top: int, *, leaning: bool) -> Iterator[str]:
    if heat.column_title:
        yield f'<text class="quiet" x="{left}" y="{_TOP + 8}">{text(heat.column_title)}</text>'
    if heat.row_title:
        yield _label(heat.row_title, left - 8, top - 6, "end", kind="quiet")
    for index, name in enumerate(heat.columns):
        x = left + index * heat.wide + heat.wide / 2
        if not leaning:
            yield _label(name, x, top - 6, "middle", kind="tick")
            continue
        turn = f'transform="translate({x:g} {top - 6}) rotate(-50)"'
        yield f'<text class="tick" {turn}>{text(_fitting(name, 74))}</text>'


def _cell(cell: Cell, x: float, y: float, wide: int) -> str:
    depth = min(1.0, abs(cell.value)) * _DEEPEST
    colour = colour_class(0 if cell.value >= 0 else 1)
    place = f'x="{x:g}" y="{y:g}" width="{wide}" height="{_HIGH}"'
    said = f"<title>{text(cell.says)}</title>"
    drawn = f'<rect class="bar {colour}" {place} fill-opacity="{depth:.2f}">{said}</rect>'
    word = _fitting(cell.word, wide - 4, _SMALL_LETTER)
    if not word:
        return drawn
    middle = f'x="{x + wide / 2:g}" y="{y + 14:g}" text-anchor="middle"'
    style = 'class="label cell" font-size="11" pointer-events="none"'
    return f"{drawn}<text {style} {middle}>{text(word)}</text>"


def _label(words: str, x: float, y: float, anchor: str, kind: str = "label") -> str:
    where = f'x="{x:g}" y="{y:g}" text-anchor="{anchor}"'
    return f'<text class="{kind}" {where}>{text(words)}</text>'


def _fitting(words: str, room: float, letter: float = 7.8) -> str:
    """As much of it as there is room for."""
    most = int(room / letter)
    if len(words) <= most:
        return words
    return words[: most - 1] + "…" if most > 1 else ""
