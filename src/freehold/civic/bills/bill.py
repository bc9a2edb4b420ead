"""A bill as it was read: one text, its sections and clauses, and where each stands in the source.

Offsets are in characters of `Bill.text`. Each stretch of that text knows which bytes of the source
it was read from, so that a quote can be checked against the file itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum


class SourceForm(StrEnum):
    """What kind of file a bill was read from."""

    BILL_XML = "bill-xml"
    """GovInfo's bill.dtd."""
    USLM_XML = "uslm-xml"
    HTML = "html"
    TEXT = "text"
    PDF = "pdf"


class Change(StrEnum):
    """What an amending bill does with a stretch of text."""

    NONE = "none"
    INSERTED = "inserted"
    STRUCK = "struck"
    """Old law or an older version, taken out: it is shown, and never a finding."""


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters `start` to `end` of the text, read from `where` in the source.

    A stretch of no characters stands for what was seen there and left out: a line's number, the
    head of a page, a mark of a heading. What no stretch covers is a space or a line's end between
    two of them, or the `^` before a raised number.
    """

    start: int
    end: int
    where: int
    """Byte offset in the file; for a PDF, the page, counted from 1."""
    raw: bytes
    """The bytes there; for a PDF, the page's words, as UTF-8."""
    change: Change = Change.NONE


@dataclass(frozen=True)
class Section:
    """A numbered part of a bill, with everything that is under it."""

    path: str
    """As it is cited: `§ 3`, `§ 4(b)(1)(A)`; for law that the bill writes, `§ 2 → § 1421(2)`."""
    heading: str
    start: int
    end: int
    level: int
    """0 for sections, 1 for subsections and so on."""


@dataclass(frozen=True)
class Clause:
    """The smallest numbered piece, or a sentence of one: what is classed.

    Words that only open a list (`A person shall not—`) are no clause: they govern those under
    them. Neither the number nor the heading is part of it.
    """

    path: str
    start: int
    end: int
    governed_by: tuple[tuple[int, int], ...] = ()
    """Offsets of the words above that open it: `A person shall not—` before `(1) deploy …`."""
    heading: str = ""
    """The headings over it, the outermost first, with ` · ` between."""
    change: Change = Change.NONE


@dataclass(frozen=True)
class Definition:
    """What the bill says that a term means."""

    term: str
    start: int
    end: int
    path: str


@dataclass(frozen=True)
class Bill:
    """One version of one bill."""

    title: str
    """The long title: what it is an act to do. Empty where none was found."""
    number: str
    """`S. 2938`, `HB 149`; empty where none was found."""
    version: str
    """`Introduced`, `Enrolled`, `Amended (A)`; empty where it is not said."""
    jurisdiction: str
    """`US` or a state's two letters; empty where it is not said."""
    text: str
    sections: tuple[Section, ...]
    clauses: tuple[Clause, ...]
    definitions: tuple[Definition, ...]
    form: SourceForm
    sha256: str
    """Of the source's bytes, 64 hexadecimal digits."""
    stretches: tuple[Stretch, ...] = field(default=(), repr=False)
    notes: tuple[str, ...] = ()
    """What was odd in reading it."""

    def quote(self, start: int, end: int) -> str:
        """The words themselves."""
        return self.text[start:end]
