"""The numbers of a bill's parts, and how deep each stands.

Federal bills go (a) (1) (A) (i) (I); Ohio goes (A) (1) (a) (i), Colorado (1) (a) (I) (A), New York
1. (a) (i). No order is assumed: a label that follows the last one of an open list goes on with that
list, and the first of a new style opens a list below. `(i)` after `(h)` may be either: what comes
next decides.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

PARENTHESISED = re.compile(r"\(([a-z]{1,5}|[A-Z]{1,5}|\d{1,3})(-\d{1,2})?\)")
POINTED = re.compile(
    r"(?:(\d{1,2}|[a-z]|[A-H]|[IVX]{1,5})\.(?=\s+(?:[A-Z\"“‘(\[]|[a-z]\.\s))"
    r"|((?:Subdivision|Subd\.|Subsec\.)\s?\d{1,2}[a-z]?)(?:\.(?=[A-Z])|\.?(?=\s)))"
)
_ROMAN = {"i": 1, "v": 5, "x": 10, "l": 50, "c": 100}
_OPENER = r"[“\"‘'`]{0,2}\[?"
_LABEL = re.compile(rf"{_OPENER}(?:{PARENTHESISED.pattern}|{POINTED.pattern})")
_SECTION = re.compile(
    rf"{_OPENER}(?:NEW SECTION\.?\s*)?"
    r"(?:(?:SECTION|Section|SEC\.|Sec\.|SECT|§§?)\s*\d|"
    r"(?:Article|ARTICLE)\s\d{1,3}[.:]?\s+(?:[–—-]\s+)?(?=[A-Z(“\"])|"
    r"\d{1,2}\s{1,2}(?:New|Amend|Effective|Repeal|Applicability|Severability|Statement)\b|"
    r"\d+(?:-[A-Z])?[A-Z]?(?:[.:-]\d+[A-Za-z]{0,2})+\.?\s+[A-Z(“\"])"
)

Style = tuple[str, int]
"""Which kind of list a label is of, and its place in it: `("(a)", 3)` for `(c)`."""


_GROUP = re.compile(
    r"(?:TITLE|SUBTITLE|CHAPTER|SUBCHAPTER|ARTICLE|PART|SUBPART|DIVISION)\s+(?:[IVXLC]+|[A-Z]|\d+)"
    r"[\dA-Z.-]*(?:\s|$)"
)


def names_group(text: str) -> bool:
    """Whether a line is the heading of a title, a chapter or the like."""
    return _GROUP.match(text) is not None


def starts_with_label(text: str) -> bool:
    """Whether a part of a bill may begin with these words."""
    return bool(_LABEL.match(text) or _SECTION.match(text))


def styles_of(label: str) -> list[Style]:
    """What a label may be: `(i)` is the ninth letter, or a Roman one."""
    core = re.sub(r"^(?:Subdivision|Subd\.|Subsec\.)\s?", "", label).strip("().")
    core = re.sub(r"-\d+$", "", core)
    shape = "()" if label.startswith("(") else "."
    if label.startswith("Sub"):
        return [("subdivision", int(re.sub(r"\D", "", core) or 0))]
    if core.isdigit():
        return [(f"1{shape}", int(core))]
    lower, case = core.lower(), "a" if core.islower() else "A"
    found: list[Style] = []
    if len(lower) == 1:
        found.append((case + shape, ord(lower) - 96))
    if set(lower) <= set(_ROMAN) and (value := _roman(lower)):
        found.append((f"roman {case}{shape}", value))
    if len(lower) > 1 and len(set(lower)) == 1 and len(lower) <= 3:
        found.append((case * len(lower) + shape, ord(lower[0]) - 96))
    return found


def _roman(letters: str) -> int:
    """The value of a Roman number, or 0 where it is not well-formed."""
    total = 0
    for letter, following in zip(letters, f"{letters[1:]} ", strict=True):
        value = _ROMAN[letter]
        total += -value if value < _ROMAN.get(following, 0) else value
    return total if _to_roman(total) == letters else 0


def _to_roman(value: int) -> str:
    steps = (
        (100, "c"),
        (90, "xc"),
        (50, "l"),
        (40, "xl"),
        (10, "x"),
        (9, "ix"),
        (5, "v"),
        (4, "iv"),
    )
    written = ""
    for step, letters in (*steps, (1, "i")):
        while 0 < step <= value:
            written += letters
            value -= step
    return written


class Levels:
    """The lists that are open at one place of a bill, the outermost first."""

    def __init__(self) -> None:
        self.open: list[Style] = []

    def place(self, label: str, following: Sequence[str]) -> int:
        """How deep this label stands, from 1 on, given the labels that come after it."""
        candidates = styles_of(label)
        if not candidates:
            candidates = [(label, 1)]
        level, style = self._choose(candidates, following)
        del self.open[level:]
        self.open.append(style)
        return level + 1

    def could_follow(self, label: str) -> bool:
        """Whether the label goes on with an open list, or is the first of a new one."""
        return any(value == 1 or (name, value - 1) in self.open for name, value in styles_of(label))

    def _choose(self, candidates: list[Style], following: Sequence[str]) -> tuple[int, Style]:
        goes_on = [
            (level, (name, value))
            for level in range(len(self.open) - 1, -1, -1)
            for name, value in candidates
            if self.open[level] == (name, value - 1)
        ]
        begins = [style for style in candidates if style[1] == 1]
        fresh = [style for style in begins if all(style[0] != name for name, _ in self.open)]
        if goes_on and fresh:
            is_old = self._is_older_list(goes_on[0][1], fresh[0], following)
            return goes_on[0] if is_old else self._below(fresh)
        if goes_on:
            return goes_on[0]
        if fresh:
            return self._below(fresh)
        names = [name for name, _ in self.open]
        for name, value in [*begins, *candidates]:
            if name in names and (value == 1 or value > self.open[names.index(name)][1]):
                return names.index(name), (name, value)
        return self._below(candidates)

    def _is_older_list(self, one: Style, other: Style, following: Sequence[str]) -> bool:
        """Whether `one`, of an open list, is meant and not `other`, the first of a new one."""
        names = {name for name, _ in self.open} - {one[0]}
        for label in following:
            found = styles_of(label)
            if (other[0], other[1] + 1) in found:
                return False
            if (one[0], one[1] + 1) in found:
                return True
            if any(value == 1 and name in names for name, value in found):
                return True  # an open list begins anew, which it cannot do inside a deeper one
            if any((name, value - 1) in self.open for name, value in found if name in names):
                return False
        return True

    def _below(self, styles: list[Style]) -> tuple[int, Style]:
        return len(self.open), styles[0]
