"""Words of a PDF with a line drawn through or under them: taken out, or put in.

A PDF does not say so; it draws words, and lines near them. Where a word stands on its line is
reckoned from the widths of its font's characters, and rounded to whole words. Not known here:
what is marked by colour or by a slanted font, and lines that are drawn as pictures.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
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

    def width(self, letter: str) -> float:
        """How wide one letter is on the page."""
        known = self.widths.get(letter, self.usual)
        if not known:
            known = 0.3 if letter in _NARROW else 0.72 if letter in _WIDE else 0.5
        return known * self.size


@dataclass(slots=True)
class _Page:
    """What was drawn on one page."""

    runs: list[_Run] = field(default_factory=list)
    rules: list[tuple[float, float, float]] = field(default_factory=list)
    """Level lines: from, to, height."""
    length: int = 0
    pen: tuple[float, float] = (0.0, 0.0)


def words_and_marks(page: PageObject) -> tuple[str, list[Mark]]:
    """The words of a page, and which of them have a line through or under them."""
    seen = _Page()

    def words(text: str, cm: Sequence[float], tm: Sequence[float], font: Any, size: float) -> None:
        if text.strip():
            x, y = _at(cm, tm[4], tm[5])
            scale = abs(size) * math.hypot(tm[0], tm[1]) * math.hypot(cm[0], cm[1])
            seen.runs.append(_Run(seen.length, text, x, y, scale, *_widths(font)))
        seen.length += len(text)

    def drawing(operator: bytes, operands: Any, cm: Sequence[float], _: Sequence[float]) -> None:
        if operator in (b"re", b"m", b"l") and len(seen.rules) < MOST_RULES:
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


def _marks(run: _Run, rules: list[tuple[float, float, float]]) -> list[Mark]:
    """The words of a run that a line goes through or under."""
    found: list[Mark] = []
    edges = [run.x]
    for letter in run.words:
        edges.append(edges[-1] + run.width(letter))
    for left, right, height in rules:
        above = (height - run.y) / run.size if run.size else 9.0
        if THROUGH[0] <= above <= THROUGH[1]:
            change = Change.STRUCK
        elif UNDER[0] <= above <= UNDER[1]:
            change = Change.INSERTED
        else:
            continue
        for word in _WORD.finditer(run.words):
            part = _part(run.words, word.start(), word.end(), edges, left, right)
            if part is None:
                continue
            start, end = run.start + part[0], run.start + part[1]
            if found and found[-1].change is change and found[-1].end == start - 1:
                start = found.pop().start
            found.append(Mark(start, end, change))
    return found


def _part(
    words: str, start: int, end: int, edges: list[float], left: float, right: float
) -> tuple[int, int] | None:
    """The part of a word under a line: all of it where most is, without a comma or a bracket."""
    whole = edges[end] - edges[start]
    covered = min(edges[end], right) - max(edges[start], left)
    if covered < 0.5 * whole:
        return None
    while end - start > 1 and not words[end - 1].isalnum() and edges[end] - right > 0.1 * whole / 2:
        end -= 1
    while end - start > 1 and not words[start].isalnum() and left - edges[start] > 0.1 * whole / 2:
        start += 1
    return start, end
