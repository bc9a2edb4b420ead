"""A quote proved against the file: the bytes are read again, and the letters must be the same.

Between two stretches of one quote there may be blanks, markup, and what the reading set aside (line
numbers, page heads, the hyphen of a split word); never a word that the quote does not have.
"""

from __future__ import annotations

import hashlib
import html
import re
from bisect import bisect_right

from freehold.civic.bills.bill import Bill, SourceForm, Stretch
from freehold.civic.bills.lines import LONGEST_HEAD
from freehold.civic.bills.plain_text import encoding_of
from freehold.civic.bills.reading import BLANK

_MARKUP = re.compile(r"<!--.*?-->|<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>|<[^>]*>", re.DOTALL)
_QUOTE = re.compile(r"<(/?)quote\b[^>]*>")
_HYPHENS = re.compile("[-\xad‐]")


class QuoteCheck:
    """Checks many quotes of one bill against its file, which is read and hashed once."""

    def __init__(self, bill: Bill, data: bytes) -> None:
        self._bill = bill
        self._is_same = hashlib.sha256(data).hexdigest() == bill.sha256
        self._data = data
        self._starts = [stretch.start for stretch in bill.stretches]
        self._encoding = "utf-8"
        self._places: list[int] = []
        self._said: dict[tuple[int, int, int], bool] = {}
        if self._is_same and bill.form is SourceForm.PDF:
            from freehold.civic.bills.pdf_pages import page_text  # reads the pages once more

            self._data = page_text(data).words
            self._places = _places(bill, self._data)
        elif self._is_same:
            self._encoding = encoding_of(data)
        self._is_markup = bill.form not in (SourceForm.TEXT, SourceForm.PDF)

    def holds(self, start: int, end: int) -> bool:
        """Whether the words from `start` to `end` are proved."""
        text = self._bill.text
        if not self._is_same or not 0 <= start < end <= len(text):
            return False
        at, source_at = start, -1
        for place, stretch in self._over(start, end):
            begin, stop = max(stretch.start, start), min(stretch.end, end)
            where = self._where(place, stretch)
            if begin < at or where < source_at or not self._says(stretch, where):
                return False
            if not _is_glue(text[at:begin]) or not self._may_lie_between(source_at, where):
                return False
            at, source_at = max(stop, at), where + len(stretch.raw)
        return source_at >= 0 and _is_glue(text[at:end])

    def _over(self, start: int, end: int) -> list[tuple[int, Stretch]]:
        place = max(0, bisect_right(self._starts, start) - 1)
        stretches = self._bill.stretches
        while place and stretches[place].start >= start:
            place -= 1
        found: list[tuple[int, Stretch]] = []
        while place < len(stretches) and stretches[place].start < end:
            each = stretches[place]
            if each.end > start or (each.start == each.end and start < each.start):
                found.append((place, each))
            place += 1
        return found

    def _where(self, place: int, stretch: Stretch) -> int:
        """The byte offset of a stretch: in the file, or in the words of a PDF."""
        return self._places[place] if self._places else stretch.where

    def _says(self, stretch: Stretch, where: int) -> bool:
        """Whether the file has these bytes there, and they say these words. Found out once."""
        known = (stretch.start, stretch.end, where)
        if known not in self._said:
            self._said[known] = self._reads_the_same(stretch, where)
        return self._said[known]

    def _reads_the_same(self, stretch: Stretch, where: int) -> bool:
        if self._data[where : where + len(stretch.raw)] != stretch.raw:
            return False
        said = stretch.raw.decode(self._encoding, errors="replace")
        if stretch.start == stretch.end:
            return self._is_markup or len(said.strip()) < LONGEST_HEAD
        if self._is_markup:
            said = _quotation_mark(said) or html.unescape(said)
        return _letters(said) == _letters(self._bill.text[stretch.start : stretch.end])

    def _may_lie_between(self, before: int, after: int) -> bool:
        """Whether nothing but blanks, markup and hyphens stands between two places."""
        if before < 0:
            return True
        between = self._data[before:after].decode(self._encoding, errors="replace")
        if self._is_markup:
            between = html.unescape(_MARKUP.sub("", between))
        return after >= before and not _letters(_HYPHENS.sub("", between))


def _places(bill: Bill, words: bytes) -> list[int]:
    """Where each stretch stands in a PDF's words: one after another; -1 where it does not."""
    starts = [0]
    while (found := words.find(b"\f", starts[-1])) >= 0:
        starts.append(found + 1)
    places: list[int] = []
    at = 0
    for stretch in bill.stretches:
        is_page = 1 <= stretch.where <= len(starts)
        first = max(at, starts[stretch.where - 1]) if is_page else len(words)
        places.append(words.find(stretch.raw, first))
        at = places[-1] + len(stretch.raw) if places[-1] >= 0 else at
    return places


def _quotation_mark(raw: str) -> str:
    """The mark that the tag of a `quote` element stands for; nothing for other words."""
    found = _QUOTE.fullmatch(raw)
    return "" if found is None else "”" if found[1] else "“"


def _letters(text: str) -> str:
    return BLANK.sub("", text)


def _is_glue(text: str) -> bool:
    return not text.strip() or text.strip() == "^"
