"""What every chart shares: the page with its title and legend, colours for light and dark."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from freehold.cli.terminal import printable

WIDTH = 760
_LETTER = 7.8
"""About the width of a letter."""
_ROW = 20
_LEGEND = 72
"""Where the first row of the legend stands."""

_LIGHT = ("#0969b2", "#c2410c", "#15803d", "#7e3fb8", "#a16207", "#475569")
_DARK = ("#5db3f5", "#fb923c", "#4ade80", "#c59bf2", "#facc15", "#a8b3c2")


@dataclass(frozen=True)
class Entry:
    """One line of the legend: a name, a colour class, and whether its line is dashed."""

    name: str
    colour: str
    dashed: bool = False


def colour_class(index: int) -> str:
    """The class of the colour at this place; after six they begin again."""
    return f"c{index % len(_LIGHT)}"


def page_top(legend: Sequence[Entry]) -> int:
    """Where the drawing may begin, below title and legend."""
    places = list(_places(legend))
    return (places[-1][1] if places else _LEGEND - _ROW) + _ROW


def page(
    title: str,
    subtitle: str,
    words: str,
    legend: Sequence[Entry],
    height: int,
    parts: list[str],
    width: int = WIDTH,
) -> str:
    """The whole SVG text; `words` tell those who cannot see it what it shows."""
    size = f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="title desc"'
    head = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {size}>',
        f'<title id="title">{text(title)}</title>',
        f'<desc id="desc">{text(words)}</desc>',
        f"<style>{_style()}</style>",
        f'<rect class="paper" width="{width}" height="{height}" rx="10"/>',
        f'<text class="title" x="24" y="32">{text(title)}</text>',
        f'<text class="quiet" x="24" y="52">{text(subtitle)}</text>' if subtitle else "",
    ]
    for x, y, entry in _places(legend):
        dash = " dashed" if entry.dashed else ""
        head.append(f'<path class="line {entry.colour}{dash}" d="M{x:g} {y}h22"/>')
        head.append(f'<text class="label" x="{x + 28:g}" y="{y + 4}">{text(entry.name)}</text>')
    return "\n".join([*filter(None, head), *parts, "</svg>", ""])


def text(words: str) -> str:
    """Words that XML can hold, from anywhere."""
    return escape(printable(words).encode("utf-8", "replace").decode())


def width_of(words: str) -> float:
    """About how wide words of the usual size are."""
    return _LETTER * len(words)


def _places(legend: Sequence[Entry]) -> Iterator[tuple[float, int, Entry]]:
    """(x, y) of each entry; a row that is full begins another. One line needs no legend."""
    x, y = 24.0, _LEGEND
    for entry in legend if len(legend) > 1 else ():
        width = 28 + width_of(entry.name) + 18
        if x > 24 and x + width > WIDTH:
            x, y = 24.0, y + _ROW
        yield x, y, entry
        x += width


def _style() -> str:
    light = _colours(_LIGHT, paper="#ffffff", ink="#1c2430", quiet="#5b6675", grid="#e4e8ee")
    dark = _colours(_DARK, paper="#10151d", ink="#e8edf4", quiet="#9aa7b8", grid="#232c39")
    return (
        "text{font-family:system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;font-size:13px}"
        "text.title{font-size:18px;font-weight:600}text.tick{font-size:12px}text.cell{font-size:11px}"
        ".line,.grid,.axis{fill:none}.line{stroke:currentColor;stroke-width:2.4;"
        "stroke-linejoin:round;stroke-linecap:round}.dashed{stroke-dasharray:6 6}"
        ".band{fill:currentColor;opacity:.16}.dot,.bar{fill:currentColor}.dot{stroke-width:1.2}"
        ".hollow{stroke:currentColor;stroke-width:1.8}"
        ".frame{fill:currentColor;fill-opacity:.05;stroke:currentColor;stroke-opacity:.3}"
        f".look{{fill:none;stroke:currentColor}}{light}"
        f"@media(prefers-color-scheme:dark){{{dark}}}"
    )


def _colours(lines: tuple[str, ...], paper: str, ink: str, quiet: str, grid: str) -> str:
    """No variables: viewers outside of browsers do not know them."""
    return (
        "".join(f".c{index}{{color:{colour}}}" for index, colour in enumerate(lines))
        + f".paper,.hollow{{fill:{paper}}}.dot:not(.hollow){{stroke:{paper}}}"
        f".title,.label{{fill:{ink}}}.quiet,.tick{{fill:{quiet}}}"
        f".axis{{stroke:{quiet}}}.grid{{stroke:{grid}}}.plain{{color:{quiet}}}"
    )
