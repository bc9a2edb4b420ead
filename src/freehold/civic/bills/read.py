"""Reading a bill, whatever form it comes in."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass, field, replace
from pathlib import Path

from freehold.civic.bills.about import About, about
from freehold.civic.bills.bill import Bill, SourceForm, Stretch
from freehold.civic.bills.bill_xml import read_xml
from freehold.civic.bills.cutting import cut
from freehold.civic.bills.definitions import definitions_in
from freehold.civic.bills.forms import form_of
from freehold.civic.bills.html_page import html_lines
from freehold.civic.bills.lines import Line, clean
from freehold.civic.bills.outline import outline
from freehold.civic.bills.paragraphs import join
from freehold.civic.bills.pieces import Outline
from freehold.civic.bills.plain_text import text_lines
from freehold.civic.bills.reading import Reading
from freehold.errors import UsageError

LARGEST = 64 << 20
"""Bytes. A bill of 2,000 pages has about 6 MB as text and 20 MB as XML."""

_LAW = re.compile(
    r"\b(?:shall|may not|must|is amended|means|prohibited|unlawful|be it enacted)\b", re.IGNORECASE
)


@dataclass(slots=True)
class _Read:
    """What one form's reader gives."""

    outline: Outline
    stretches: list[Stretch]
    about: About = field(default_factory=About)


def read_bill(source: bytes | Path, name: str = "") -> Bill:
    """Read one bill from its bytes or its file; `name` is what messages call it.

    Raises UsageError for what is no bill, or cannot be read, with what to do about it.
    """
    data = _bytes_of(source, name) if isinstance(source, Path) else source
    called = name or (source.name if isinstance(source, Path) else "This text")
    _check_size(len(data), called)
    form = form_of(data, called)
    read = _read(data, form, called)
    text, notes = read.outline.text, read.outline.notes
    parts = cut(read.outline, read.stretches)
    if all(section.level for section in parts.sections):
        _check_is_law(text, called)
        notes.append("No section was found: it is read as one piece of text.")
    first = about(text)
    return Bill(
        title=read.about.title or first.title,
        number=read.about.number or first.number,
        version=read.about.version or first.version,
        jurisdiction=read.about.jurisdiction or first.jurisdiction,
        text=text,
        sections=tuple(parts.sections),
        clauses=tuple(parts.clauses),
        definitions=tuple(definitions_in(text, parts.clauses, parts.sections)),
        form=form,
        sha256=hashlib.sha256(data).hexdigest(),
        stretches=tuple(read.stretches),
        notes=tuple(notes),
    )


def _bytes_of(path: Path, name: str) -> bytes:
    called = name or path.name
    try:
        _check_size(path.stat().st_size, called)
        return path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{called} cannot be read: {error.strerror}.", "Check the path."
        ) from error


def _check_size(size: int, called: str) -> None:
    if size > LARGEST:
        raise UsageError(
            f"{called} is {size >> 20} MB, and no bill has {LARGEST >> 20} MB.",
            "Give the bill's text alone.",
        )


def _read(data: bytes, form: SourceForm, called: str) -> _Read:
    if form is SourceForm.PDF:
        return _read_pdf(data, called)
    if form in (SourceForm.BILL_XML, SourceForm.USLM_XML):
        found, reading, said = read_xml(data, called)
        return _Read(found, reading.stretches, said)
    if form is SourceForm.HTML:
        return _of_lines(*html_lines(data, called))
    return _of_lines(*text_lines(data))


def _read_pdf(data: bytes, called: str) -> _Read:
    """A PDF's pages as one text; each stretch then names its page."""
    from freehold.civic.bills.pdf_pages import (  # pypdf loads for a PDF alone
        mark_changes,
        page_text,
    )

    found = page_text(data, called)
    lines, more = text_lines(found.words)
    mark_changes(lines, found.marks)
    read = _of_lines(lines, [*found.notes, *more])
    number, at = 1, 0
    for place, stretch in enumerate(read.stretches):
        number += found.words.count(b"\f", at, stretch.where)
        at = stretch.where
        read.stretches[place] = replace(stretch, where=number)
    return read


def _of_lines(lines: list[Line], notes: list[str]) -> _Read:
    """A printed bill: lines, then paragraphs, then an outline."""
    lines, more = clean(lines)
    reading = Reading()
    paragraphs = join(lines, reading)
    found = outline(reading.text(), paragraphs)
    found.notes = [*notes, *more]
    return _Read(found, reading.stretches)


def _check_is_law(text: str, called: str) -> None:
    if not _LAW.search(text):
        raise UsageError(
            f"{called} is no bill: no numbered section was found in it, and no word of law.",
            "Give the bill's own text, as its legislature publishes it.",
        )
