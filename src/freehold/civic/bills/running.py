"""Numbered lists inside running text: `shall— (1) …; (2) …`, and whole sections in one run.

Some copies of federal bills give law that is to be added in one unbroken run, without quotation
marks. Its labels are told from mere references (`paragraph (1)`) by what stands before them, and by
whether they go on with a list that is open.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from freehold.civic.bills.labels import Levels

_LABEL = re.compile(r"(?<![\w(])(?:\((?:[a-z]{1,4}|[A-Z]{1,4}|\d{1,2})\))+(?=\s)")
_SECTION = re.compile(r"(?<![\w.(-])(?<!Sec\. )(?<!SEC\. )(\d{1,5}[A-Z]{0,2})\.\s(?=[A-Z])")
_OPENED = re.compile(r"(?:[:;—–]|--|[;,]\s*(?:and|or|and/or)|\b(?:either|both):?)\s*$")
_REFERENCE = re.compile(
    r"\b(?:sections?|subsections?|paragraphs?|subparagraphs?|clauses?|subclauses?|subdivisions?|items?"
    r"|and|or|through|to|under|of|title|chapter|part|by|in|with|such)\s*$|[,\d(]\s*$",
    re.IGNORECASE,
)
_ONE = re.compile(r"\([^)]*\)")
LONGEST_HEADING = 400
AHEAD = 40
"""How many labels are looked at to tell the letter i from the Roman one."""


@dataclass(frozen=True, slots=True)
class Found:
    """A label inside running text."""

    label: str
    start: int
    end: int
    is_section: bool = False


def labels_in(text: str, start: int, end: int, runs_on: bool, levels: Levels) -> list[Found]:
    """Labels between `start` and `end`. In a run-on text a heading may stand before one as well.

    `levels` are the lists that are open where the text begins; it is used up.
    """
    found: list[Found] = []
    at = [
        (match.start(), match, False)
        for match in _LABEL.finditer(text, start, end)
        if not _is_reference(text[max(start, match.start() - 40) : match.start()])
    ]
    if runs_on:
        at += [(match.start(), match, True) for match in _SECTION.finditer(text, start, end)]
    section = ""
    at.sort(key=lambda item: item[0])
    ahead = [_ONE.findall(match[0]) for _, match, _ in at]
    for place, (_, match, is_section) in enumerate(at):
        if is_section:
            if _next_section(section, match[1], text, match.start(), start):
                section = match[1]
                levels.open.clear()
                found.append(Found(section, match.start(), match.end(), is_section=True))
            continue
        before = text[max(start, match.start() - 40) : match.start()]
        last_end = found[-1].end if found else start
        if _is_label(text, before, match, last_end, runs_on, levels):
            following = [label for labels in ahead[place + 1 : place + AHEAD] for label in labels]
            _take(match, levels, following, found)
    return found


def _take(match: re.Match[str], levels: Levels, following: list[str], found: list[Found]) -> None:
    """Take one label, or several that stand together: `(a)(1)`."""
    for part in _ONE.finditer(match[0]):
        levels.place(part[0], following)
        found.append(Found(part[0], match.start() + part.start(), match.start() + part.end()))


def _is_reference(before: str) -> bool:
    """Whether a label is a mere mention: `paragraph (1)`, `(A) through (E)`."""
    return _REFERENCE.search(before) is not None and _OPENED.search(before) is None


def _is_label(
    text: str, before: str, match: re.Match[str], last_end: int, runs_on: bool, levels: Levels
) -> bool:
    labels = _ONE.findall(match[0])
    if not levels.could_follow(labels[0]) and not (runs_on and not levels.open):
        return False
    length = match.start() - last_end
    is_first = length < 50 and not text[last_end : match.start()].strip()
    if _OPENED.search(before) or (is_first and (runs_on or last_end != match.start())):
        return True
    if not runs_on:
        return False
    if re.search(r"[.;,”\"]\s*$", before):
        return True
    if length > LONGEST_HEADING:
        return False
    heading = text[last_end : match.start()].split()
    follows = text[match.end() : match.end() + 2].strip()
    return len(heading) <= 40 and heading[0][:1].isupper() and follows[:1].isupper()


def _next_section(last: str, number: str, text: str, at: int, start: int) -> bool:
    """Whether a number with a point begins a section of the run."""
    if not last:
        before = text[max(start, at - 12) : at].rstrip()
        is_date = re.search(r"(?:[,a-z(]|of|No\.|section)$", before) is not None
        return at - start < 20 or (at - start < 300 and not is_date) or _heads_run(text, at, start)
    digits, old = re.sub(r"\D", "", number), re.sub(r"\D", "", last)
    return int(digits) - int(old) == 1 or (digits == old and number > last)


def _heads_run(text: str, at: int, start: int) -> bool:
    """`VII Sandbox Program 701. Definitions`: a heading of some words, then the number."""
    return at - start < 160 and not re.search(r"[.;,]", text[start:at])
