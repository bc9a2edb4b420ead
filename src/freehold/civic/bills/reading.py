"""Words on their way from a file into the text of a bill, each with the bytes it was read from."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from itertools import pairwise

from freehold.civic.bills.bill import Change, Stretch

# Whitespace, control characters, the byte order mark and what is never seen on paper.
BLANK = re.compile("[\\s\x00-\x1f\x7f-\x9f\xad\u200b-\u200f\u2028-\u202e\u2060\ufeff]+")


@dataclass(frozen=True, slots=True)
class Segment:
    """Words of one line, and the bytes that say them."""

    text: str
    where: int
    raw: bytes
    encoding: str = "utf-8"
    change: Change = Change.NONE
    left_out: bool = False
    """Seen, and no part of the text: a line's number, a mark of a heading."""

    def cut(self, at: int) -> tuple[Segment, Segment]:
        """Two segments, cut at a character. What cannot be cut is the first, whole."""
        head = self.text[:at].encode(self.encoding)
        if not self.raw.startswith(head) or at >= len(self.text):
            return self, replace(self, text="", raw=b"", where=self.where + len(self.raw))
        return (
            replace(self, text=self.text[:at], raw=head),
            replace(
                self, text=self.text[at:], raw=self.raw[len(head) :], where=self.where + len(head)
            ),
        )

    def after(self, blanks: int) -> Segment:
        """The segment without its first characters, which are blanks; whole if it cannot be cut."""
        rest = self.cut(blanks)[1] if blanks else self
        return rest if rest.text or not self.text.strip() else self

    def parts(self, cuts: list[int]) -> list[Segment]:
        """The segment in pieces, cut before each of these characters; whole if it cannot be cut."""
        if self.text.encode(self.encoding) != self.raw:
            return [self]
        found: list[Segment] = []
        where = self.where
        for start, end in pairwise([0, *cuts, len(self.text)]):
            text = self.text[start:end]
            raw = text.encode(self.encoding)
            if text:
                found.append(replace(self, text=text, raw=raw, where=where))
            where += len(raw)
        return found


class Reading:
    """The text of a bill as it grows."""

    def __init__(self) -> None:
        self.length = 0
        self.stretches: list[Stretch] = []
        self._parts: list[str] = []
        self._last = Segment("", 0, b"")

    def add(self, segment: Segment) -> None:
        """Append words; runs of blanks in them become one space."""
        text = "" if segment.left_out else BLANK.sub(" ", segment.text)
        end = self.length + len(text)
        if segment.raw and (text or segment.left_out):
            self.stretches.append(
                Stretch(self.length, end, segment.where, segment.raw, segment.change)
            )
        if text:
            self._last = segment
        self._append(text)

    def glue(self, text: str) -> None:
        """Append a space, a line's end, or `^`, which no byte stands for."""
        self._append(text)

    @property
    def last(self) -> str:
        """The last character, or nothing."""
        return self._parts[-1][-1] if self._parts else ""

    def tail(self, length: int) -> str:
        """About the last `length` characters."""
        found = ""
        for part in reversed(self._parts):
            found = part + found
            if len(found) >= length:
                break
        return found

    def drop_hyphen(self) -> None:
        """Take back the hyphen that a split word ended with, in the text and in its stretch."""
        self._parts[-1] = self._parts[-1][:-1]
        self.length -= 1
        for place in range(len(self.stretches) - 1, -1, -1):
            last = self.stretches[place]
            if last.start < last.end:
                raw = self._last.cut(len(self._last.text) - 1)[0].raw
                self.stretches[place] = replace(last, end=self.length, raw=raw)
                break
            self.stretches[place] = replace(last, start=self.length, end=self.length)

    def text(self) -> str:
        """All of it."""
        return "".join(self._parts)

    def _append(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self.length += len(text)
