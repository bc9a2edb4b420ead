"""Bills as web pages: the words of the page, line by line, each with its bytes.

States print a bill between `pre` marks, in paragraphs, or one line to a row of a table; what is put
in is underlined and what is taken out struck through. Scripts never run and nothing is fetched. Not
known here: what a page's own style sheet makes of its classes.
"""

from __future__ import annotations

import html
import re
from html.parser import HTMLParser

from freehold.civic.bills.bill import Change
from freehold.civic.bills.lines import Line
from freehold.civic.bills.plain_text import encoding_of
from freehold.civic.bills.reading import Segment
from freehold.errors import UsageError

_LEFT_OUT = {
    "script", "style", "head", "noscript", "nav", "header", "footer", "button", "select",
    "template", "svg", "textarea", "iframe", "object", "title", "aside", "option",
}  # fmt: skip
_PARAGRAPHS = {
    "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "blockquote", "center", "pre",
    "table", "section", "article", "main", "dl", "dt", "dd", "hr", "body", "form", "fieldset",
}  # fmt: skip
_STRUCK = {"strike", "del", "s"}
_INSERTED = {"u", "ins"}
_EMPTY = {"br", "hr", "img", "input", "meta", "link", "base", "basefont", "wbr", "col"}
_ROW_NUMBER = re.compile(r"\s*\d{1,3}(?:-\d{1,2})?\s*")
"""What a row begins with whose line is numbered in a cell of its own."""
MOST_OPEN = 1000
DEEPEST = 2000


def html_lines(data: bytes, called: str) -> tuple[list[Line], list[str]]:
    """The lines of a page, and notes. Raises UsageError for a page that cannot be read."""
    encoding = encoding_of(data)
    if "16" in encoding:
        raise UsageError(f"{called} is a page in UTF-16.", "Save it as UTF-8 and read that.")
    _check_is_closed(data, called)
    page = _Page(data, encoding)
    try:
        page.feed(data.decode("latin-1"))
        page.close()
    except AssertionError as error:  # what the parser raises at `<![` and the like
        raise UsageError(
            f"{called} is no well-formed page ({error}).", "Open it in a browser and save it again."
        ) from error
    lines = page.finished()
    if not any(line.text.strip() for line in lines):
        raise UsageError(
            f"{called} has no words in it: such a page is filled by a script.",
            "Save the page from a browser once it shows the bill, or get the bill as text or PDF.",
        )
    notes = [] if encoding == "utf-8" else [f"The page was read as {encoding.upper()}."]
    return lines, notes


def _check_is_closed(data: bytes, called: str) -> None:
    """Refuse a page that opens marks by the thousand and closes none: the parser would not end."""
    in_one = max(part.count(b"<") for part in data.split(b">"))
    comments = data.count(b"<!--", data.rfind(b"-->") + 1)
    if in_one > MOST_OPEN or comments > MOST_OPEN:
        raise UsageError(
            f"{called} is no well-formed page: marks are opened in it that are never closed.",
            "Open it in a browser and save it again.",
        )


class _Page(HTMLParser):
    """Turns a page into lines. It is fed one character for each byte, so that places are bytes."""

    def __init__(self, data: bytes, encoding: str) -> None:
        super().__init__(convert_charrefs=False)
        self._data = data
        self._encoding = encoding
        self._line_starts = [0]
        for found in re.finditer(b"\n", data):
            self._line_starts.append(found.end())
        self._open: list[tuple[str, str]] = []
        self._left_out = 0
        self._preformatted = 0
        self._raised = False
        self._rows = 0
        self._line = Line([], begins=True)
        self._lines: list[tuple[Line, bool]] = []
        self._page_starts = False

    def finished(self) -> list[Line]:
        """The lines; only the preformatted ones where they are most of the page."""
        self._new_line(begins=True)
        inside = sum(len(line.text) for line, is_inside in self._lines if is_inside)
        whole = sum(len(line.text.strip()) for line, _ in self._lines)
        if inside < 0.6 * whole:
            return [line for line, _ in self._lines]
        for line, is_inside in self._lines:
            if not is_inside:
                line.leave_out()
            line.begins = False
        return [line for line, _ in self._lines]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        said = {name: value or "" for name, value in attrs}
        style = said.get("style", "").replace(" ", "").lower()
        kind = ""
        if tag in _STRUCK or "line-through" in style:
            kind = "struck"
        elif tag in _INSERTED or "text-decoration:underline" in style:
            kind = "inserted"
        if tag in _LEFT_OUT or "display:none" in style:
            kind = "left out"
        if tag in _PARAGRAPHS:
            self._new_line(begins=True)
        elif tag in ("br", "tr"):
            self._rows = 0
            self._new_line(begins=False)
            self._rows = int(tag == "tr")
        elif tag in ("td", "th"):
            self._line.segments.append(Segment(" ", self._at(), b"", self._encoding))
        if said.get("class", "").lower() == "brk" or "page-break-before" in style:
            self._page_starts = True
        if tag in _EMPTY or len(self._open) >= DEEPEST:
            return
        self._raised = tag == "sup"
        self._preformatted += tag == "pre"
        self._left_out += kind == "left out"
        self._open.append((tag, kind))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take an element that closes itself for an empty one."""
        if tag in ("br", "hr", "p", "tr"):
            self._new_line(begins=tag == "p")

    def handle_endtag(self, tag: str) -> None:
        """Close an element, and those left open inside it."""
        self._raised = False
        if tag in _PARAGRAPHS:
            self._new_line(begins=True)
        for place in range(len(self._open) - 1, max(-1, len(self._open) - 40), -1):
            if self._open[place][0] == tag:
                for name, kind in self._open[place:]:
                    self._preformatted -= name == "pre"
                    self._left_out -= kind == "left out"
                del self._open[place:]
                break
        if tag in ("tr", "table"):
            self._rows = 0
        if tag == "tr":
            self._new_line(begins=False)

    def handle_data(self, data: str) -> None:
        """Take words, one byte each; inside `pre` a line's end ends the line."""
        at = self._at()
        raw = self._data[at : at + len(data)]
        if not self._preformatted or self._left_out:
            self._put(html.unescape(raw.decode(self._encoding)), at, raw)
            return
        for number, part in enumerate(re.split(b"\r\n|\n|\r", raw)):
            if number:
                at = self._data.index(part, at) if part else at
                self._new_line(begins=False)
            self._put(html.unescape(part.decode(self._encoding)), at, part)
            at += len(part)

    def handle_entityref(self, name: str) -> None:
        """Take `&amp;` and the like."""
        self._put_reference(f"&{name}")

    def handle_charref(self, name: str) -> None:
        """Take `&#167;` and the like."""
        self._put_reference(f"&#{name}")

    def _put_reference(self, reference: str) -> None:
        at = self._at()
        end = at + len(reference)
        end += self._data[end : end + 1] == b";"
        raw = self._data[at:end]
        self._put(html.unescape(raw.decode(self._encoding)), at, raw)

    def _put(self, words: str, at: int, raw: bytes) -> None:
        if not words:
            return
        if self._raised and words.strip().isdigit() and self._line.text[-1:].isdigit():
            self._line.segments.append(Segment("^", at, b"", self._encoding))
        segment = Segment(words, at, raw, self._encoding, self._change(), self._left_out > 0)
        self._line.segments.append(segment)

    def _change(self) -> Change:
        kinds = {kind for _, kind in self._open[-60:]}
        if "struck" in kinds:
            return Change.STRUCK
        return Change.INSERTED if "inserted" in kinds else Change.NONE

    def _new_line(self, begins: bool) -> None:
        """End the line; `begins` says that the next one is a paragraph's first."""
        if self._rows and _ROW_NUMBER.fullmatch(self._line.text):
            self._line.segments.append(Segment(" ", self._at(), b"", self._encoding))
        elif any(segment.text.strip() for segment in self._line.segments):
            self._lines.append((self._line, self._preformatted > 0))
            self._line = Line([], begins=begins, page_starts=self._page_starts)
            self._page_starts = False
        elif self._preformatted and not begins:
            self._lines.append((Line([]), True))
        else:
            self._line.segments.clear()
        self._line.begins = self._line.begins or begins

    def _at(self) -> int:
        """The byte at which what is handled begins."""
        line, column = self.getpos()
        return self._line_starts[line - 1] + column
