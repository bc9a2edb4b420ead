"""The lines of a page of text, with what a printer put around them taken off.

Line numbers, page heads and feet, and the marks of headings are set aside, not forgotten: each
stays in the reading as something seen and left out. Not known here: which printed line is a head
when it stands on one page only.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field, replace
from itertools import pairwise

from freehold.civic.bills.bill import Change
from freehold.civic.bills.reading import Segment

_NUMBER = re.compile(r"\s{0,12}(?:\d{1,3}[-.])?(\d{1,2})(?=\s|$)")
_FURNITURE = re.compile(
    r"\s*(?:"
    r"EXPLANATION\s?(?:--|—|-).*(?:new|italics|underscored|brackets).*"
    r"|\[.{0,40}\]\s+is\s+old\s+law\s+to\s+be\s+omitted\.?"
    r"|LBD\d{3,}-\d\d-\d"
    r"|\[\[Page .{1,40}\]\]|<all>|_{5,}"
    r"|(?:HB|SB)\s?\d+.{0,24}\s-\s?\d+\s?-\s+LRB.*"
    r"|(?:Page|PAGE)\s+\d{1,4}\s?[-–]\s?(?:SENATE|HOUSE|Senate|House)\s+(?:BILL|Bill)\s+[\d-]+"
    r"|VerDate\b.*|Jkt\s\d{6}.*|PO\s0{3}\d{2}\s.*"
    r"|[•·●]\s?(?:HR|S|HJ|SJ|HCON|SCON|HRES|SRES)\b[\w \t]{0,30}"
    r"|(?:Page|page|PAGE)\s+\d{1,4}(?:\s+of\s+\d{1,4})?"
    r"|[-–—]\s?\d{1,4}\s?[-–—]"
    r"|(?:[AS]|[A-Z]{1,3}\.?[A-Z]?\.?)\s?\.?\s?(?:No\.\s)?\d{1,5}(?:--?[A-Z])?\s{2,}\d{1,4}"
    r"|\d{1,4}\s{2,}(?:[AS]|[A-Z]{1,3})\.?\s?\d{1,5}(?:--?[A-Z])?"
    r")\s*"
)
_BRACKET = re.compile(r"[\[\]]")
LONGEST_HEAD = 200
"""Characters: no page head is longer."""
WIDEST = 160
"""Characters: a longer line is a whole paragraph, and what begins it is no line number."""
EDGE = 12
"""Lines: so far from a page's edge its head or foot is looked for."""


@dataclass(slots=True)
class Line:
    """One line as it is printed."""

    segments: list[Segment]
    rank: int = 0
    """How many `#` stand before it; 9 for a bold label. 0: an ordinary line."""
    begins: bool = False
    """Surely the first of its paragraph."""
    page_starts: bool = False
    indent: int = 0
    set_aside: list[Segment] = field(default_factory=list)
    """What stood before it and was left out."""

    @property
    def text(self) -> str:
        """Its words."""
        return "".join(segment.text for segment in self.segments if not segment.left_out)

    def leave_out(self) -> None:
        """Set the whole line aside."""
        self.segments = [replace(segment, left_out=True) for segment in self.segments]

    def leave_out_start(self, length: int) -> None:
        """Set its first `length` characters aside."""
        rest: list[Segment] = []
        for segment in self.segments:
            if segment.left_out or length <= 0:
                rest.append(segment)
                continue
            head, tail = segment.cut(length)
            length -= len(head.text)
            rest.append(replace(head, left_out=True))
            if tail.text:
                rest.append(tail)
        self.segments = rest


def clean(lines: list[Line]) -> tuple[list[Line], list[str]]:
    """The lines without numbers and page furniture, and notes on what was taken off."""
    notes: list[str] = []
    struck_by_brackets = any(
        "matter in brackets" in " ".join(line.text.split()).lower() for line in lines[:400]
    )
    numbered = _take_off_numbers(lines)
    if numbered:
        notes.append("Line numbers were left out.")
    _take_off_heads([line for line in lines if id(line) not in numbered])
    for line in lines:
        text = line.text
        line.indent = len(text) - len(text.lstrip())
    if struck_by_brackets:
        _strike_brackets(lines)
        notes.append("Matter in brackets is old law to be taken out.")
    return lines, notes


def _take_off_numbers(lines: list[Line]) -> set[int]:
    """Leave out numbers at the left that count up line by line; returns which lines had one."""
    printed = [line for line in lines if line.text.strip()]
    numbers = _counted(printed)
    for place in numbers:
        found = _NUMBER.match(printed[place].text)
        printed[place].leave_out_start(found.end() if found else 0)
        printed[place].page_starts |= numbers[place] == 1
    for before, after in pairwise(numbers):
        if numbers[after] == 1 and after - before <= 8:
            _take_off_page_break(printed[before + 1 : after])
    return {id(printed[place]) for place in numbers}


def _counted(printed: list[Line]) -> dict[int, int]:
    """The number of each line that has one; none where too few lines have."""
    numbers: dict[int, int] = {}
    expected = {1}
    for place, line in enumerate(printed):
        found = _NUMBER.match(line.text) if len(line.text) < WIDEST else None
        if found and int(found[1]) in expected:
            numbers[place] = int(found[1])
            expected = {1, int(found[1]) + 1, int(found[1]) + 2}
    start = next(
        (place for place in numbers if all(place + more in numbers for more in range(4))), None
    )
    if start is None:
        return {}
    numbers = {place: number for place, number in numbers.items() if place >= start}
    is_dense = len(numbers) >= 0.4 * (max(numbers) - start + 1)
    return numbers if len(numbers) >= 6 and is_dense else {}


def _take_off_page_break(between: list[Line]) -> None:
    """Leave out what stands between a page's last numbered line and the first of the next."""
    words = [line.text.strip() for line in between]
    if all(len(each) < 90 and not (each[:1].islower() and len(each) > 30) for each in words):
        for line in between:
            line.leave_out()


def _take_off_heads(lines: list[Line]) -> None:
    """Leave out page heads and feet: known ones, and lines at a page's edge that come back."""
    shape_of = [re.sub(r"\d+", "#", " ".join(line.text.split())) for line in lines]
    pages = [place for place, line in enumerate(lines) if line.page_starts]
    edges: set[int] = set()
    for place in pages:
        edges.update(_edge(lines, place, 1) + _edge(lines, place - 1, -1))
    often = Counter(shape_of[place] for place in edges)
    for place in edges:
        shape = shape_of[place]
        comes_back = often[shape] >= max(3, 0.3 * len(pages)) and 0 < len(shape) < 100
        if shape == "#" or comes_back:
            lines[place].leave_out()
    for line in lines:
        text = line.text
        if line.rank == 0 and 0 < len(text) < LONGEST_HEAD and _FURNITURE.fullmatch(text):
            line.leave_out()


def _edge(lines: list[Line], place: int, step: int) -> list[int]:
    """The first two printed lines from here on, on the same page."""
    found: list[int] = []
    for at in range(place, place + EDGE * step, step):
        if not 0 <= at < len(lines) or len(found) == 2:
            break
        if lines[at].text.strip():
            found.append(at)
        if lines[at].page_starts and at != place:
            break
    return found


def _strike_brackets(lines: list[Line]) -> None:
    """Mark what stands in brackets as taken out, over as many lines as it takes."""
    struck = False
    for line in lines:
        marked: list[Segment] = []
        for segment in line.segments:
            if segment.left_out:
                marked.append(segment)
                continue
            cuts = [found.start() + (found[0] == "]") for found in _BRACKET.finditer(segment.text)]
            for part in segment.parts(cuts) if cuts else [segment]:
                struck = struck or part.text.startswith("[")
                marked.append(replace(part, change=Change.STRUCK) if struck else part)
                struck = struck and not part.text.endswith("]")
        line.segments = marked
