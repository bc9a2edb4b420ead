"""Lines joined into paragraphs, as the text of a bill.

A printed bill breaks its lines anywhere, words included. What starts a paragraph is told by a blank
line, an indent, or a label that stands where no sentence goes on.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from freehold.civic.bills.labels import names_group, starts_with_label
from freehold.civic.bills.lines import Line
from freehold.civic.bills.reading import Reading, Segment

_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_SPLIT = re.compile(r"([A-Za-z]+)[-\xad‐]$")
_ENDS = re.compile(r"(?:[.;:,—–!?”’\"'\]]|--|[;,]\s*(?:and|or)|\band/or)\s*$")
_REFERS = re.compile(
    r"\b(?:sections?|subsections?|paragraphs?|subparagraphs?|clauses?|subdivisions?|items?|parts?"
    r"|and|or|through|to|under|of|in|by|with)\s*$",
    re.IGNORECASE,
)
SHORT = 12
"""Characters: a line that has no more is read with the words before it."""
WIDE = 160
"""A line longer than this is no printed line: it is a whole paragraph."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph of the text, from `start` to `end`."""

    start: int
    end: int
    rank: int = 0


def join(lines: list[Line], reading: Reading) -> list[Paragraph]:
    """Append all lines to the text; returns its paragraphs."""
    words = _vocabulary(lines)
    is_wrapped = _is_wrapped(lines)
    paragraphs: list[Paragraph] = []
    start, rank, before = 0, 0, None
    gap = at_page = False
    for line in lines:
        text = line.text.strip()
        if line.page_starts:
            gap, at_page = False, True
        if not text:
            _add(line.segments, reading)
            if any(segment.left_out for segment in line.segments):
                gap, at_page = False, True  # what is blank around a page's head ends no paragraph
            gap = gap or not at_page
            continue
        if before is None or not is_wrapped or _begins(line, before, gap, reading.tail(80)):
            if before is not None:
                paragraphs.append(Paragraph(start, reading.length, rank))
                reading.glue("\n")
            start, rank = reading.length, line.rank
            _add(_stripped(line.segments), reading)
        else:
            _continue(line, reading, words)
        before, gap, at_page = line, False, False
    if before is not None:
        paragraphs.append(Paragraph(start, reading.length, rank))
    return paragraphs


def _is_wrapped(lines: list[Line]) -> bool:
    """Whether paragraphs go over several lines: no marks of headings, and few long lines."""
    printed = [len(line.text) for line in lines if line.text.strip()]
    marked = sum(1 for line in lines if line.rank)
    long = sum(1 for length in printed if length > WIDE)
    return marked * 5 < len(printed) and long * 20 <= len(printed)


def _begins(line: Line, before: Line, gap: bool, tail: str) -> bool:
    """Whether a new paragraph begins with this line."""
    if line.begins or before.rank:
        return True
    text, previous = line.text.strip(), before.text.rstrip()
    previous = previous if len(previous) > SHORT else tail.rpartition("\n")[2]
    is_broken_word = bool(_SPLIT.search(previous)) and text[:1].islower()
    if is_broken_word:
        return False
    if gap and (_ENDS.search(previous) or not text[:1].islower()):
        return True
    if names_group(text) or (_is_capitals(previous) and starts_with_label(text)):
        return True
    if _is_capitals(previous) != _is_capitals(text) and len(previous) > 3 and len(text) > 3:
        return not _REFERS.search(previous) and _ENDS.search(previous) is not None
    if _REFERS.search(previous) and not re.search(r"[;,]\s*(?:and|or)\s*$", previous):
        return False
    if starts_with_label(text):
        return bool(_ENDS.search(previous)) or line.indent > before.indent + 1
    return line.indent > before.indent + 1 and re.search(r"[.:;”\"]\s*$", previous) is not None


def _is_capitals(text: str) -> bool:
    letters = [letter for letter in text if letter.isalpha()]
    return bool(letters) and all(letter.isupper() for letter in letters)


def _stripped(segments: list[Segment]) -> list[Segment]:
    """The segments without the blanks before the first word."""
    stripped: list[Segment] = []
    begun = False
    for segment in segments:
        if begun or segment.left_out:
            stripped.append(segment)
            continue
        blanks = len(segment.text) - len(segment.text.lstrip())
        rest = segment.after(blanks)
        begun = bool(rest.text.strip())
        if begun:
            stripped.append(rest)
    return _trimmed(stripped)


def _trimmed(segments: list[Segment]) -> list[Segment]:
    """The segments without the blanks after the last word."""
    kept = list(segments)
    for place in range(len(kept) - 1, -1, -1):
        segment = kept[place]
        if segment.left_out:
            continue
        words = segment.text.rstrip()
        if words:
            kept[place] = segment.cut(len(words))[0] if words != segment.text else segment
            break
        del kept[place]
    return kept


def _add(segments: Iterable[Segment], reading: Reading) -> None:
    for segment in segments:
        if segment.left_out or segment.text.strip() or (segment.text and reading.last not in " \n"):
            reading.add(segment)


def _continue(line: Line, reading: Reading, words: set[str]) -> None:
    """Append a line that goes on with the paragraph, joining a word that was split."""
    segments = _stripped(line.segments)
    text = "".join(segment.text for segment in segments if not segment.left_out)
    found = _SPLIT.search(reading.tail(60))
    if found and text[:1].islower():
        following = _WORD.match(text)
        rest = following[0] if following else ""
        if not _keeps_hyphen(found[1].lower(), rest.lower(), words):
            reading.drop_hyphen()
    elif reading.last not in "—–":
        reading.glue(" ")
    _add(segments, reading)


def _keeps_hyphen(head: str, rest: str, words: set[str]) -> bool:
    """Whether a hyphen at a line's end belongs to the word: as the rest of the bill has it."""
    if head + rest in words:
        return False
    if f"{head}-{rest}" in words:
        return True
    return len(head) > 2 and len(rest) > 2 and head in words and rest in words


def _vocabulary(lines: list[Line]) -> set[str]:
    """Every word that stands whole inside a line, in small letters."""
    words: set[str] = set()
    for line in lines:
        inner = line.text.strip().lower()
        words.update(_WORD.findall(inner[: inner.rfind(" ")] if inner.endswith("-") else inner))
    return words
