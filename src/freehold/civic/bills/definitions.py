"""What a bill says its terms mean: they decide who is covered.

Found in the forms that statutes use: `the term "X" means`, `"X" means`, `X has the meaning given`,
with or without quotation marks, alone or in a list. Not resolved: a meaning given by another law.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from freehold.civic.bills.bill import Clause, Definition, Section

_VERB = (
    r"(?:means?|shall\s+mean|includes?|shall\s+include|has\s+the\s+(?:same\s+)?meaning|have\s+the\s+"
    r"(?:same\s+)?meaning|is\s+defined|refers?\s+to|does\s+not\s+include|shall\s+not\s+include|—\s*$)"
)
_QUOTED = re.compile(
    r"(?:``|[“\"‘'])\s?(?P<term>[^“”\"`]{2,120}?)\s?,?(?:''|[”\"’'])"
    rf"(?P<more>(?:\s*(?:,|or|and|,\s*or|,\s*and)\s*(?:``|[“\"‘'])[^“”\"`]{{2,120}}?,?(?:''|[”\"’'])){{0,6}})"
    rf"[^.;“”\"]{{0,90}}?\s+(?P<verb>{_VERB})"
)
_PLAIN = re.compile(
    rf"\b[Tt]he\s+terms?\s+(?P<term>(?:(?!\b{_VERB})[^.;:“”\"]){{2,160}}?)\s*,?\s+(?P<verb>{_VERB})"
)
_WITHIN = re.compile(r"(?:``|[“\"‘'])\s?([^“”\"`]{2,120}?)\s?,?(?:''|[”\"’'])")
_ARTICLE = re.compile(r"^(?:an?|the)\s+", re.IGNORECASE)


def definitions_in(
    text: str, clauses: Sequence[Clause], sections: Sequence[Section]
) -> list[Definition]:
    """Every definition, in the order of the text, each as long as the piece that gives it."""
    found: list[Definition] = []
    starts = [section.start for section in sections]
    spans = [(clause.start, clause.end, clause.path, clause.heading) for clause in clauses]
    openers = {
        opened: (clause.path, clause.heading) for clause in clauses for opened in clause.governed_by
    }
    known = {(start, end) for start, end, _, _ in spans}
    spans += [(*span, *_owner(sections, starts, span[0])) for span in openers if span not in known]
    for start, end, path, heading in sorted(spans):
        terms = [term for term in _terms(text, start, end, heading) if term]
        if not terms:
            continue
        section = _innermost(sections, starts, start)
        is_opener = (start, end) in openers
        stop = section.end if section and is_opener else end
        where = section.path if section else path
        found += [Definition(term, start, stop, where) for term in terms]
    return found


def _owner(sections: Sequence[Section], starts: list[int], at: int) -> tuple[str, str]:
    section = _innermost(sections, starts, at)
    return (section.path, section.heading) if section else ("", "")


def _innermost(sections: Sequence[Section], starts: list[int], at: int) -> Section | None:
    """The section or label under which a place stands; they are in the order of the text."""
    place = bisect_right(starts, at) - 1
    while place >= 0:
        if sections[place].end > at:
            return sections[place]
        place -= 1
    return None


def _terms(text: str, start: int, end: int, heading: str) -> list[str]:
    if found := _QUOTED.search(text, start, min(end, start + 600)):
        before = text[start : found.start()]
        if len(before) < 260:
            terms = [found["term"], *_WITHIN.findall(found["more"] or "")]
            return [_clean(term) for term in terms]
    if found := _PLAIN.search(text, start, min(end, start + 600)):
        return _split(_clean(found["term"]), heading.rpartition(" · ")[2])
    return []


def _split(term: str, heading: str) -> list[str]:
    """Terms without quotation marks: `A or B` are two where the heading says `A; B`."""
    named = [_clean(part) for part in heading.split(";")]
    if len(named) > 1:
        held = [part for part in named if part and part.lower() in term.lower()]
        if held:
            return held
    listed = [part.strip() for part in re.split(r"\s*,\s*(?:and\s+|or\s+)?", term) if part.strip()]
    return listed if len(listed) > 2 else [term]


def _clean(term: str) -> str:
    return _ARTICLE.sub("", " ".join(term.split()).strip(" ,.;:—"))
