"""Bills as PDF: the words of each page, read by pypdf, which is Python alone.

A hostile file can waste time, which is bounded, and cannot corrupt memory. Not known here: words
that are drawn as pictures, as in a scanned bill; the owner is told so.
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

from freehold.errors import UsageError

if TYPE_CHECKING:
    from pypdf import PdfReader

MOST_PAGES = 3000
LARGEST_PAGE = 8 << 20
"""Bytes of drawing instructions; a page of a bill has about 10 kB of them."""
MOST_WORDS = 64 << 20
"""Bytes of text in all."""


def page_text(data: bytes, called: str = "This file") -> tuple[bytes, list[str]]:
    """The text of all pages as UTF-8 with a form feed between two, and notes."""
    reader = _open(data, called)
    pages: list[bytes] = []
    without_words = 0
    size = 0
    for number in range(_count(reader, called)):
        words = _words(reader, number, called).replace("\f", " ")
        without_words += not words.strip()
        pages.append(words.encode("utf-8", errors="replace"))
        size += len(pages[-1])
        if size > MOST_WORDS:
            raise UsageError(f"{called} has too much text to be a bill.", "Give the bill alone.")
    _check_has_words(without_words, len(pages), called)
    notes = [f"{without_words} of {len(pages)} pages have no words in them: pictures, or blank."]
    return b"\f".join(pages), notes if without_words else []


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


def _words(reader: PdfReader, number: int, called: str) -> str:
    try:
        page = reader.pages[number]
        drawing = page.get_contents()
        size = len(drawing.get_data()) if drawing is not None else 0
        words = page.extract_text() if size <= LARGEST_PAGE else ""
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
