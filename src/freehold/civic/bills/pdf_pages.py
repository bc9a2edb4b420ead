"""Bills as PDF: the words of each page, read by pypdf, which is Python alone.

A hostile file can waste time, which is bounded, and cannot corrupt memory. Not known here: words
that are drawn as pictures, as in a scanned bill; the owner is told so.
"""

from __future__ import annotations

import io
import logging
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import takewhile
from typing import TYPE_CHECKING

from freehold.civic.bills.bill import Change
from freehold.civic.bills.lines import Line
from freehold.civic.bills.pdf_drawn import Mark, words_and_marks
from freehold.civic.bills.reading import Segment
from freehold.errors import UsageError

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 3000
LARGEST_PAGE = 8 << 20
"""Bytes of drawing instructions; a page of a bill has about 10 kB of them."""
MOST_WORDS = 64 << 20
"""Bytes of text in all."""


@dataclass(slots=True)
class PdfText:
    """The words of all pages as UTF-8 with a form feed between two."""

    words: bytes
    marks: list[Mark]
    """In bytes of `words`."""
    notes: list[str]


def page_text(data: bytes, called: str = "This file") -> PdfText:
    """The words of a PDF. Raises UsageError for one that cannot be read, or has none."""
    with _complaints() as complaints:
        text = _read(_open(data, called), called)
    if complaints:
        text.notes.append("The PDF is not well-formed in places: see that nothing is missing.")
    return text


@contextmanager
def _complaints() -> Iterator[list[str]]:
    """What pypdf would say on the terminal meanwhile, kept instead."""
    kept: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: kept.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("pypdf")
    before, logger.propagate = logger.propagate, False
    logger.addHandler(handler)
    try:
        yield kept
    finally:
        logger.removeHandler(handler)
        logger.propagate = before


def _read(reader: PdfReader, called: str) -> PdfText:
    pages: list[bytes] = []
    marks: list[Mark] = []
    without_words = 0
    size = 0
    for number in range(_count(reader, called)):
        words, found = _words(reader, number, called)
        words = words.replace("\f", " ")
        without_words += not words.strip()
        pages.append(_utf8(words))
        marks += [_in_bytes(mark, words, size) for mark in found]
        size += len(pages[-1]) + 1
        if size > MOST_WORDS:
            raise UsageError(f"{called} has too much text to be a bill.", "Give the bill alone.")
    _check_has_words(without_words, len(pages), called)
    notes = []
    if without_words:
        notes.append(
            f"{without_words} of {len(pages)} pages have no words in them: pictures, or blank."
        )
    if any(mark.change is Change.STRUCK for mark in marks):
        notes.append(
            "Words with a line drawn through them were taken for struck: see the PDF itself."
        )
    return PdfText(b"\f".join(pages), marks, notes)


def _in_bytes(mark: Mark, words: str, offset: int) -> Mark:
    start, end = (offset + len(_utf8(words[:place])) for place in (mark.start, mark.end))
    return Mark(start, end, mark.change)


def mark_changes(lines: list[Line], marks: list[Mark]) -> None:
    """Split the lines where a drawn line begins or ends, and say what it does to the words."""
    waiting = deque(marks)
    for line in lines:
        split: list[Segment] = []
        for segment in line.segments:
            while waiting and waiting[0].end <= segment.where:
                waiting.popleft()
            split += _split(segment, waiting)
        line.segments = split


def _split(segment: Segment, marks: Iterable[Mark]) -> list[Segment]:
    """A segment cut at the marks in it."""
    end = segment.where + len(segment.raw)
    inside = list(takewhile(lambda mark: mark.start < end, marks))
    edges = {max(edge - segment.where, 0) for mark in inside for edge in (mark.start, mark.end)}
    cuts = sorted({len(segment.raw[:edge].decode(errors="ignore")) for edge in edges})
    parts = segment.parts(cuts) if inside else [segment]
    return [replace(part, change=_change_at(part.where, inside)) for part in parts]


def _change_at(where: int, marks: list[Mark]) -> Change:
    """What the drawn lines do to the words there; a line through them counts most."""
    found = {mark.change for mark in marks if mark.start <= where < mark.end}
    return Change.STRUCK if Change.STRUCK in found else next(iter(found), Change.NONE)


def _utf8(words: str) -> bytes:
    return words.encode("utf-8", errors="replace")


def _check_has_words(without: int, pages: int, called: str) -> None:
    if pages == 0:
        raise UsageError(f"{called} has no pages.", "Fetch it again: it may be cut short.")
    if without == pages:
        raise UsageError(
            f"{called} is a scanned PDF: its pages are pictures, with no text to read.",
            "Get the bill as text or HTML from its legislature, or run text recognition on it first"
            " (`ocrmypdf`).",
        )


def _open(data: bytes, called: str) -> PdfReader:
    from pypdf import PdfReader, errors

    try:
        reader = PdfReader(io.BytesIO(data), strict=False)
        is_locked = reader.is_encrypted and not reader.decrypt("")
    except errors.DependencyError as error:
        raise UsageError(
            f"{called} is locked with a cipher that cannot be read here.",
            "Open it in a PDF viewer and print it to a new PDF.",
        ) from error
    except Exception as error:
        raise _broken(called, error) from error
    if is_locked:
        raise UsageError(f"{called} is locked with a password.", "Save a copy without it.")
    return reader


def _count(reader: PdfReader, called: str) -> int:
    try:
        count = len(reader.pages)
    except Exception as error:
        raise _broken(called, error) from error
    if count > MOST_PAGES:
        raise UsageError(
            f"{called} has {count:,} pages; at most {MOST_PAGES:,} are read.",
            "Give the part that matters.",
        )
    return count


def _words(reader: PdfReader, number: int, called: str) -> tuple[str, list[Mark]]:
    try:
        page = reader.pages[number]
        drawing = page.get_contents()
        size = len(drawing.get_data()) if drawing is not None else 0
        words = words_and_marks(page) if size <= LARGEST_PAGE else ("", [])
    except Exception as error:
        raise _broken(called, error, number + 1) from error
    if size > LARGEST_PAGE:
        raise UsageError(
            f"Page {number + 1} of {called} unpacks to {size >> 20} MB.",
            "It is no page of a bill; leave it out.",
        )
    return words


def _broken(called: str, error: Exception, page: int = 0) -> UsageError:
    where = f"Page {page} of {called}" if page else called
    reason = (str(error) or type(error).__name__).splitlines()[0][:120]
    return UsageError(
        f"{where} is no well-formed PDF ({reason}).", "Fetch it again, or get the bill as text."
    )
