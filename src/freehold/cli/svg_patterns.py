"""Many small attention patterns as one SVG file: a row for each layer, a column for each head.

In each square a row is where one position looks: its previous neighbour gives a slant, the first
token an upright line at the left.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freehold.cli.svg_page import WIDTH, Entry, colour_class, page, page_top, text

_LEFT, _GAP, _EDGE = 60, 6, 46
_DEPTHS = (0.1, 0.25, 0.5, 0.75)
"""From which share on a cell is drawn a step deeper."""


@dataclass(frozen=True)
class Pattern:
    """One head's: `shares` by row; `kind` is a place in `PatternGrid.kinds`, None for no colour."""

    shares: Sequence[Sequence[float]]
    says: str
    kind: int | None = None


@dataclass(frozen=True)
class PatternGrid:
    """What to draw."""

    title: str
    subtitle: str
    words: str
    """What it shows, for those who cannot see it."""
    kinds: tuple[str, ...]
    rows: tuple[tuple[Pattern, ...], ...]


def pattern_grid(grid: PatternGrid) -> str:
    """The text of the SVG file."""
    legend = [Entry(name, colour_class(index)) for index, name in enumerate(grid.kinds)]
    top = page_top(legend) + 12
    columns = max((len(row) for row in grid.rows), default=0)
    step = _EDGE + _GAP
    parts = [
        _words(str(head), _LEFT + head * step + _EDGE / 2, top - 4, "middle")
        for head in range(columns)
    ]
    for layer, row in enumerate(grid.rows):
        y = top + layer * step
        parts.append(_words(f"layer {layer}", _LEFT - 8, y + _EDGE / 2 + 4, "end"))
        for head, pattern in enumerate(row):
            parts += _square(pattern, _LEFT + head * step, y)
    width = max(WIDTH, _LEFT + columns * step + 24)
    height = top + len(grid.rows) * step + 20
    return page(grid.title, grid.subtitle, grid.words, legend, height, parts, width)


def _square(pattern: Pattern, x: float, y: float) -> Iterator[str]:
    count = len(pattern.shares)
    ink = "plain" if pattern.kind is None else colour_class(pattern.kind)
    place = f'x="{x:g}" y="{y:g}" width="{_EDGE}" height="{_EDGE}"'
    yield f'<g class="{ink}"><rect class="frame" {place}><title>{text(pattern.says)}</title></rect>'
    if count:
        yield f'<g transform="translate({x:g} {y:g}) scale({_EDGE / count:.4g})">'
        for level, depth in enumerate(_DEPTHS):
            if path := "".join(_runs(pattern.shares, level)):
                yield f'<path class="look" opacity="{min(1.0, depth + 0.2):.2f}" d="{path}"/>'
        yield "</g>"
    yield "</g>"


def _runs(shares: Sequence[Sequence[float]], level: int) -> Iterator[str]:
    """Neighbouring cells of one depth as one stroke."""
    for row, values in enumerate(shares):
        start = None
        for column, share in enumerate([*values, 0.0]):
            inside = column < len(values) and _level(share) == level
            if inside and start is None:
                start = column
            elif not inside and start is not None:
                yield f"M{start} {row + 0.5:g}h{column - start}"
                start = None


def _level(share: float) -> int:
    return sum(share >= depth for depth in _DEPTHS) - 1


def _words(words: str, x: float, y: float, anchor: str) -> str:
    return f'<text class="tick" x="{x:g}" y="{y:g}" text-anchor="{anchor}">{text(words)}</text>'
