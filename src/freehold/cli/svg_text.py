"""A text as one SVG picture, a box for each token: how it was cut, or how it was expected."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from freehold.cli.svg_page import WIDTH, Entry, colour_class, page, page_top, text

_LEFT, _RIGHT, _LINE, _BOX = 24, 24, 34, 24
_LETTER, _WIDE = 8.2, 15.0
"""How wide a letter is in the monospaced face the boxes use, and one of double width."""


@dataclass(frozen=True)
class Box:
    """One token."""

    label: str
    """What stands in the box; a `⏎` at its end also ends the line."""
    colour: int
    """Which of the six."""
    strength: float
    """From 0, nearly white, to 1."""
    said: str
    """What it says of itself to a pointer that rests on it, and to a screen reader."""


@dataclass(frozen=True)
class TextPicture:
    """What to draw."""

    title: str
    boxes: tuple[Box, ...]
    subtitle: str = ""
    legend: tuple[tuple[str, int], ...] = ()
    """(what a colour means, which of the six)."""


def text_picture(picture: TextPicture) -> str:
    """The text of the SVG file."""
    legend = [Entry(name, colour_class(colour)) for name, colour in picture.legend]
    top = page_top(legend) + 8
    places = list(_places(picture.boxes))
    parts = [
        _box(box, x, top + row * _LINE, width)
        for box, (x, row, width) in zip(picture.boxes, places, strict=True)
    ]
    height = top + (places[-1][1] + 1 if places else 0) * _LINE + 16
    words = " ".join(box.said for box in picture.boxes)
    return page(picture.title, picture.subtitle, words, legend, height, parts)


def _places(boxes: Sequence[Box]) -> Iterator[tuple[float, int, float]]:
    """(x, row, width) of each box."""
    x, row = float(_LEFT), 0
    for box in boxes:
        width = min(WIDTH - _LEFT - _RIGHT, _width(box.label) + 8)
        if x > _LEFT and x + width > WIDTH - _RIGHT:
            x, row = float(_LEFT), row + 1
        yield x, row, width
        x += width + 2
        if box.label.endswith("⏎"):
            x, row = float(_LEFT), row + 1


def _width(label: str) -> float:
    from unicodedata import east_asian_width

    wide = sum(east_asian_width(letter) in "WF" for letter in label)
    return wide * _WIDE + (len(label) - wide) * _LETTER


def _box(box: Box, x: float, y: float, width: float) -> str:
    opacity = 0.08 + 0.62 * min(1.0, max(0.0, box.strength))
    place = f'x="{x:.1f}" y="{y}" width="{width:.1f}" height="{_BOX}" rx="4"'
    shade = f'class="{colour_class(box.colour)}" fill="currentColor" fill-opacity="{opacity:.2f}"'
    face = 'style="font-family:ui-monospace,Menlo,Consolas,monospace"'
    where = f'x="{x + 4:.1f}" y="{y + 16.5:.1f}"'
    return (
        f"<g><title>{text(box.said)}</title><rect {place} {shade}/>"
        f'<text class="label" {face} {where}>{text(box.label)}</text></g>'
    )
