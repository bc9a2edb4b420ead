"""Words of a PDF with a line drawn through or under them: taken out, or put in.

A PDF does not say so; it draws words, and lines near them. Where a word stands on its line is
reckoned from the widths of its font's characters, and rounded to where the drawing of words was
begun anew, as it is where marked words begin, or else to whole words. Not known here: what is
marked by colour or by a slanted font, and lines that are drawn as pictures.
"""

from __future__ import annotations

import math
import re
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from typing import TYPE_CHECKING, Any

from freehold.civic.bills.bill import Change

if TYPE_CHECKING:
    from pypdf import PageObject

THROUGH = (0.15, 0.5)
"""How high a line stands above the foot of the letters it strikes, in sizes of the font."""
UNDER = (-0.35, 0.06)
THICK = 2.5
MOST_RULES = 5000
"""Lines on one page; a drawing has more, and no bill."""
_NARROW, _WIDE = frozenset("iljtfrI.,;:'!|()[]-’‘ "), frozenset("mwMWABCDEFGHKNOPQRSTUVXYZ—%@")
_WORD = re.compile(r"\S+")


@dataclass(frozen=True, slots=True)
class Mark:
    """Characters `start` to `end` of a page's words, and what the drawn line does to them."""

    start: int
    end: int
    change: Change


@dataclass(frozen=True, slots=True)
class _Run:
    """Words that were drawn in one go."""

    start: int
    words: str
    x: float
    y: float
    size: float
    widths: Mapping[str, float]
    usual: float
    spacing: float
    """By how much each blank is widened, so that lines end together."""
    begun: list[tuple[int, int]]
    """From which character to which one it was drawn without a stop."""

    def width(self, letter: str) -> float:
        """How wide one letter is on the page."""
        known = self.widths.get(letter, self.usual)
        if not known:
            known = 0.3 if letter in _NARROW else 0.72 if letter in _WIDE else 0.5
        return known * self.size + (self.spacing if letter == " " else 0.0)

    @property
    def is_measured(self) -> bool:
        """Whether its font says how wide its letters are."""
        return bool(self.widths or self.usual)


@dataclass(slots=True)
class _Page:
    """What was drawn on one page."""

    runs: list[_Run] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)
    """Level lines: from, to, height."""
    length: int = 0
    spacing: float = 0.0
    next_spacing: float = 0.0
    drawn: list[int] = field(default_factory=list)
    """Letters in each piece of words that was drawn and has not been met yet."""
    pen: tuple[float, float] = (0.0, 0.0)


def words_and_marks(page: PageObject) -> tuple[str, list[Mark]]:
    """The words of a page, and which of them have a line through or under them."""
    seen = _Page()

    def words(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        if text.strip():
            x, y = _at(cm, tm[4], tm[5])
            scale = abs(size) * math.hypot(tm[0], tm[1]) * math.hypot(cm[0], cm[1])
            begun = _begun(text, seen.drawn)
            spacing = seen.spacing * scale / abs(size) if size else 0.0
            seen.runs.append(_Run(seen.length, text, x, y, scale, *_widths(font), spacing, begun))
            seen.spacing = seen.next_spacing
        seen.length += len(text)

    def drawing(operator: bytes, operands: Any, cm: Sequence[float], _: Sequence[float]) -> None:
        if operator in (b"Tj", b"TJ", b"'", b'"'):
            seen.drawn.append(sum(_letters(each) for each in operands))
        elif operator == b"Tw" and operands:
            seen.next_spacing = float(operands[0])
            if not seen.drawn:
                seen.spacing = seen.next_spacing
        elif operator in (b"re", b"m", b"l") and len(seen.rules) < MOST_RULES:
            _draw(seen, operator, [float(each) for each in operands], cm)

    text: str = page.extract_text(visitor_text=words, visitor_operand_before=drawing)
    if seen.length != len(text) or not seen.rules:
        return text, []
    marks = [mark for run in seen.runs for mark in _marks(run, seen.rules)]
    return text, sorted(marks, key=lambda mark: mark.start)


def _at(cm: Sequence[float], x: float, y: float) -> tuple[float, float]:
    return x * cm[0] + y * cm[2] + cm[4], x * cm[1] + y * cm[3] + cm[5]


def _draw(seen: _Page, operator: bytes, numbers: list[float], cm: Sequence[float]) -> None:
    """Keep a level line, or a rectangle so thin that it is one."""
    if operator == b"re" and len(numbers) == 4:
        x, y, width, height = numbers
        (left, low), (right, high) = _at(cm, x, y), _at(cm, x + width, y + height)
    elif len(numbers) == 2:
        before, seen.pen = seen.pen, _at(cm, *numbers)
        if operator == b"m":
            return
        (left, low), (right, high) = before, seen.pen
    else:
        return
    if abs(high - low) <= THICK and abs(right - left) > 2:
        seen.rules.append((min(left, right), max(left, right), (low + high) / 2))


def _widths(font: Any) -> tuple[dict[str, float], float]:
    """How wide each letter of a font is, in its size, and those it says nothing of; 0: unknown."""
    if font is None:
        return {}, 0.0
    name = str(font.get("/BaseFont", ""))
    if "Cour" in name or "Mono" in name:
        return {}, 0.6
    try:
        first = int(font.get("/FirstChar", 0))
        listed = [float(each) / 1000 for each in font["/Widths"]]
    except (KeyError, TypeError, ValueError):
        return {}, 0.0
    codes = range(first, min(first + len(listed), 256))
    letters = (bytes([code]).decode("cp1252", errors="ignore") for code in codes)
    return dict(zip(letters, listed, strict=False)), 0.0


def _letters(drawn: Any) -> int:
    """How many letters are drawn, blanks apart."""
    if isinstance(drawn, bytes):
        return len(drawn) - drawn.count(b" ")
    if isinstance(drawn, str):
        return sum(not letter.isspace() for letter in drawn)
    return sum(_letters(each) for each in drawn) if isinstance(drawn, list) else 0


def _begun(words: str, drawn: list[int]) -> list[tuple[int, int]]:
    """From where to where these words were drawn without a stop; takes what was drawn for them."""
    places = [place for place, letter in enumerate(words) if not letter.isspace()]
    ends = [0, *accumulate(drawn)]
    if len(places) not in ends:
        drawn.clear()
        return [(places[0], places[-1] + 1)]
    count = ends.index(len(places))
    del drawn[:count]
    return [
        (places[start], places[end - 1] + 1)
        for start, end in pairwise(ends[: count + 1])
        if start < end
    ]


def _marks(run: _Run, rules: list[tuple[float, float, float]]) -> list[Mark]:
    """The words of a run that a line goes through or under."""
    edges = [run.x, *accumulate(map(run.width, run.words), initial=run.x)][1:]
    found: list[Mark] = []
    for left, right, height in rules:
        above = (height - run.y) / run.size if run.size else 9.0
        if THROUGH[0] <= above <= THROUGH[1]:
            change = Change.STRUCK
        elif UNDER[0] <= above <= UNDER[1]:
            change = Change.INSERTED
        else:
            continue
        if right <= edges[0] or left >= edges[-1]:
            continue
        start = _rounded(run, edges, left, 0)
        end = _rounded(run, edges, right, 1)
        if start is not None and end is not None and start < end:
            found.append(Mark(run.start + start, run.start + end, change))
    return found


def _rounded(run: _Run, edges: list[float], x: float, side: int) -> int | None:
    """The character that a line begins at (side 0) or ends at: of a piece drawn, or of a word.

    None where the font does not say how wide it is and no piece begins or ends near.
    """
    at = min(bisect_left(edges, x), len(run.words))
    near = min((piece[side] for piece in run.begun), key=lambda place: abs(place - at))
    if abs(near - at) <= 1.5 + 0.06 * at:
        return near
    if not run.is_measured:
        return None
    ends = [found.span()[side] for found in _WORD.finditer(run.words)]
    return min(ends, key=lambda place: abs(place - at))
