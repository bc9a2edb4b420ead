"""Paragraphs of a printed bill taken apart: its sections, labels, headings and words, in order.

What is the bill's own and what is law that it writes is told from quotation marks, from the order
of section numbers, and from words such as `is amended to read`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import pairwise

from freehold.civic.bills.headings import heading_end, run_on_heading_end, section_heading_end
from freehold.civic.bills.labels import PARENTHESISED, POINTED, Levels, starts_with_label
from freehold.civic.bills.marks import (
    AMENDS,
    ARTICLES,
    BARE,
    CLOSED,
    CODED,
    CONTENTS,
    CONTENTS_LINE,
    FEDERAL,
    GROUP,
    IN_FORCE,
    OPENER,
    OPENS_QUOTE,
    SECTION,
)
from freehold.civic.bills.numbering import numbering
from freehold.civic.bills.paragraphs import Paragraph
from freehold.civic.bills.running import labels_in

_LEAP = 100
"""Articles that an excerpt may leave out between two."""
SHORT = 80
"""Characters: a line of a table of contents has fewer beyond its number and its heading."""


@dataclass(slots=True)
class Token:
    """A label or a section number with its heading and its words."""

    kind: str
    """`section`, `label`, `words` or `group`."""
    label: str
    depth: int
    start: int
    heading: tuple[int, int]
    body: tuple[int, int]
    level: int = 0
    """Where the form itself says how deep it stands; 0 where it does not."""


class Tokens:
    """Reads paragraphs one by one; `found` is what they are made of."""

    def __init__(self, text: str, paragraphs: list[Paragraph]) -> None:
        self.text = text
        self.paragraphs = paragraphs
        self.found: list[Token] = []
        self.is_marked = any(paragraph.rank for paragraph in paragraphs)
        head = text[:6000]
        self.is_federal = bool(FEDERAL.search(head))
        self._form = numbering(text, paragraphs)
        self._number = 0
        self._is_upper = False
        self._depth = 0
        self._amends = False
        self._in_contents = False

    def read(self) -> list[Token]:
        """Take all paragraphs apart."""
        for paragraph in self.paragraphs:
            self._paragraph(paragraph)
        return _without_contents(self.found, self.text)

    def _paragraph(self, paragraph: Paragraph) -> None:
        text, start, end = self.text, paragraph.start, paragraph.end
        opener = None if paragraph.rank else OPENER.match(text, start, end)
        at = opener.end() if opener else start
        at += text.startswith("[", at) and starts_with_label(text[at + 1 : at + 30])
        if self._is_contents(paragraph):
            return
        if self._is_marked_group(paragraph):
            return
        is_article = self._form is ARTICLES and ARTICLES.match(text, at, end)
        if not is_article and (
            (0 < paragraph.rank < 4 and not SECTION.match(text, at, end))
            or (GROUP.match(text, at, end) and self._is_group(at, end))
        ):
            self._depth = 1 if self._amends and not self.is_marked and not self.is_federal else 0
            self._put("group", "", at, (at, end), (end, end))
        elif self._runs_on(paragraph):
            self._run(start, end)
        elif found := self._section(paragraph, at, bool(opener)):
            self._section_words(paragraph, found)
        elif PARENTHESISED.match(text, at, end) or self._pointed(at, end):
            self._label_depth(bool(opener))
            self._labels(paragraph, at)
        elif self._goes_on_heading(start, end):
            self.found[-1].heading = (self.found[-1].heading[0], end)
        else:
            if self._depth and self._closed() and not opener:
                self._depth = 0
            self._words(start, end)
        self._in_contents = CONTENTS.search(text, max(start, end - 120), end) is not None
        self._amends = self._amends or AMENDS.search(text, max(start, end - 400), end) is not None

    def _is_contents(self, paragraph: Paragraph) -> bool:
        """Whether this is a line of a table of contents: it is no piece of the bill."""
        if not self._in_contents or paragraph.rank:
            return False
        return CONTENTS_LINE.match(self.text, paragraph.start, paragraph.end) is not None

    def _is_marked_group(self, paragraph: Paragraph) -> bool:
        """A title in a marked copy: its number alone on a line, its name on the next ones."""
        if not self.is_marked or paragraph.rank:
            return False
        words = self.text[paragraph.start : paragraph.end]
        if re.fullmatch(r"[IVXLC]{1,6}|[A-Z]", words) and len(self.found) and self.found[-1].start:
            self._depth = 0
            self._put(
                "group", "", paragraph.start, (paragraph.start, paragraph.end), (paragraph.end,) * 2
            )
            return True
        last = self.found[-1] if self.found else None
        if last is None or last.kind != "group" or last.depth or not _names(words):
            return False
        last.heading = (last.heading[0], paragraph.end)
        return True

    def _goes_on_heading(self, start: int, end: int) -> bool:
        """Whether capitals after a chapter's heading are its second line."""
        words = self.text[start:end]
        return bool(self.found) and self.found[-1].kind == "group" and words.isupper()

    def _is_group(self, at: int, end: int) -> bool:
        words = self.text[at:end]
        return (
            len(words) < 240
            and not words.rstrip().endswith((";", ",", ":"))
            and (
                words.isupper()
                or "—" in words[:40]
                or len(words) < 30
                or not re.search(r"\b(?:is|shall|of)\b", words)
            )
        )

    def _runs_on(self, paragraph: Paragraph) -> bool:
        """Whether this paragraph is law in one run, as marked copies of federal bills have it."""
        if not self.is_marked or paragraph.rank or not self.found:
            return False
        last = self.found[-1]
        before = self.text[max(last.body[0], last.body[1] - 60) : last.body[1]]
        return last.depth == 0 and OPENS_QUOTE.search(before) is not None

    def _run(self, start: int, end: int) -> None:
        text = self.text
        labels = labels_in(text, start, end, runs_on=True, levels=Levels())
        first = labels[0].start if labels else end
        if text[start:first].strip():
            kind = "words" if not labels or first - start > 200 else "group"
            body = (start, first) if kind == "words" else (first, first)
            self._put(
                kind, "", start, (start, first) if kind == "group" else (start, start), body, 1
            )
        for place, label in enumerate(labels):
            stop = labels[place + 1].start if place + 1 < len(labels) else end
            at = _past_blanks(text, label.end, stop)
            words = run_on_heading_end(text, at, stop)
            kind = "section" if label.is_section else "label"
            self._put(kind, label.label, label.start, (at, words), (words, stop), 1)

    def _section(self, paragraph: Paragraph, at: int, is_quoted: bool) -> re.Match[str] | None:
        text, end = self.text, paragraph.end
        found = SECTION.match(text, at, end)
        is_bare = False
        if found is None and (paragraph.rank == 4 or not paragraph.rank):
            bare = re.compile(r"(\d+[A-Z]{0,2})\.\s") if paragraph.rank == 4 else BARE
            found = bare.match(text, at, end)
            is_bare = not paragraph.rank
            if found is None and self._form is not None:
                found, is_bare = self._form.match(text, at, end), False
                ahead = int(found[1]) - self._number if found else 0
                if found and not 0 < ahead <= (_LEAP if self._form is ARTICLES else 2):
                    return None
        if found is None:
            return None
        number = found[1].rstrip(".")
        is_upper = found[0].lstrip().startswith(("SECTION", "SEC."))
        if paragraph.rank:
            self._depth = 0
        else:
            self._depth = self._section_depth(number, is_quoted, is_bare, is_upper)
        if self._depth == 0:
            self._is_upper = is_upper if self._number == 0 else self._is_upper
            self._number = int(number) if number.isdigit() else self._number
            self._amends = False
        return found

    def _section_depth(self, number: str, is_quoted: bool, is_bare: bool, is_upper: bool) -> int:
        if is_quoted and self._amends:
            return 1
        if self.is_federal and not is_bare:
            return 0
        if not is_bare and number.isdigit() and int(number) == self._number + 1:
            return 1 if self._amends and self._is_upper and not is_upper else 0
        return 1 if self._amends else 0

    def _section_words(self, paragraph: Paragraph, found: re.Match[str]) -> None:
        text, end = self.text, paragraph.end
        at = _past_blanks(text, found.end(), end)
        number = found[1].rstrip(".")
        front = IN_FORCE.match(text, at, end)
        at = front.end() if front else at
        coded = CODED.match(text, at, end)
        if coded:
            self._put("section", number, found.start(), (at, at), (at, at))
            self._depth, number, at = 1, coded[1], coded.end()
        stop = end if paragraph.rank else section_heading_end(text, at, end)
        if PARENTHESISED.match(text, at, end):
            stop = at
        self._put("section", number, found.start(), (at, stop), (stop, stop))
        at = _past_blanks(text, stop, end)
        if at < end:
            self._labels(paragraph, at)

    def _label_depth(self, is_quoted: bool) -> None:
        if is_quoted and self._amends:
            self._depth = 1
        elif self._depth and (self.is_federal or self._closed()):
            is_section_of_state = not self.is_federal and self._inside_section()
            self._depth = 1 if is_section_of_state else 0

    def _inside_section(self) -> bool:
        """Whether the law being written was opened by a section of its own."""
        for token in reversed(self.found):
            if token.depth == 0:
                return False
            if token.kind == "section":
                return True
        return False

    def _closed(self) -> bool:
        """Whether the paragraph before closed a quotation."""
        last = self.found[-1] if self.found else None
        if last is None or last.depth == 0:
            return True
        return (
            CLOSED.search(self.text, max(last.start, last.body[1] - 12), last.body[1]) is not None
        )

    def _pointed(self, at: int, end: int) -> bool:
        return not self.is_federal and POINTED.match(self.text, at, end) is not None

    def _labels(self, paragraph: Paragraph, at: int) -> None:
        """One or more labels, `(a)(1)`, with the heading and the words after the last."""
        text, end = self.text, paragraph.end
        while True:
            found = PARENTHESISED.match(text, at, end)
            if found is None and not self.is_federal:
                found = POINTED.match(text, at, end)
            if found is None:
                break
            label = found[0].rstrip() if found[0].startswith("(") else f"{found[0].rstrip('.')}."
            body = _past_blanks(text, found.end(), end)
            stop = end if paragraph.rank else heading_end(text, body, end)
            self._put("label", label, found.start(), (body, stop), (stop, stop))
            if 0 < paragraph.rank < 9:
                self.found[-1].level = max(1, paragraph.rank - 4)
            at = _past_blanks(text, stop, end)
        if at < end:
            self._words(at, end)

    def _words(self, start: int, end: int) -> None:
        """Words without a label, and the lists that stand inside them."""
        labels = labels_in(self.text, start, end, runs_on=False, levels=Levels())
        first = labels[0].start if labels else end
        if self.text[start:first].strip():
            self._put("words", "", start, (start, start), (start, first))
        for place, label in enumerate(labels):
            stop = labels[place + 1].start if place + 1 < len(labels) else end
            at = _past_blanks(self.text, label.end, stop)
            self._put("label", label.label, label.start, (at, at), (at, stop))

    def _put(
        self,
        kind: str,
        label: str,
        start: int,
        heading: tuple[int, int],
        body: tuple[int, int],
        depth: int | None = None,
    ) -> None:
        self.found.append(
            Token(kind, label, self._depth if depth is None else depth, start, heading, body)
        )


def _names(words: str) -> bool:
    """Whether a line may be a title's name, and is no sentence and no item."""
    is_item = starts_with_label(words) or words.rstrip().endswith((".", ";", ":", "—"))
    return len(words) < SHORT and not is_item


def _past_blanks(text: str, at: int, end: int) -> int:
    while at < end and text[at].isspace():
        at += 1
    return at


def _without_contents(tokens: list[Token], text: str) -> list[Token]:
    """The tokens without a table of contents: sections without words that come once more."""
    at = [place for place, token in enumerate(tokens) if token.kind == "section"]
    last: dict[tuple[int, str], int] = {
        (tokens[place].depth, tokens[place].label): place for place in at
    }
    dropped: set[int] = set()
    for place, following in pairwise([*at, len(tokens)]):
        token = tokens[place]
        again = last[token.depth, token.label]
        words = sum(each.body[1] - each.body[0] for each in tokens[place:following])
        if place < again <= place + 3 * len(at) and words < SHORT:
            dropped.update(range(place, following))
    return [token for place, token in enumerate(tokens) if place not in dropped]
