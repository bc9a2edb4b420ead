"""A clause as it reads with the words above that open it, ready to be searched."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate

from freehold.civic.bills.bill import Bill, Change
from freehold.civic.clauses.blocks import Block
from freehold.civic.clauses.wording import normalised

_SENTENCE = re.compile(r"(?<=[a-z0-9)\]\"”][.;])\s+(?=[A-Z(“\"])")
_AND = re.compile(
    r"(?<=,) (?:and|but|or) (?=(?:no|an?|any|each|every|such|the) "
    r"[^,.;:—]{1,80}?\b(?:shall|must|may)\b)"
)
_TURNS = re.compile(r"\b(?:construed|interpreted|whether|means?|[Nn]othing in)\b")
_LONGEST, _OVERLAP = 6000, 600
"""Characters of a sentence, or of the words above it, that are looked at together."""
_ABBREVIATED = re.compile(
    r"(?:U\.S\.C|U\.S|[Nn]o|[Ss]ec|[Ss]ecs|[Aa]rt|[Ss]ubsec|Mr|Mrs|Dr|v|Inc|et seq|Pub|L)\.$"
)


@dataclass(frozen=True)
class Passage:
    """What is judged: a clause's own words, those above it, and the headings over them."""

    plain: str
    """The words above and its own, as they stand."""
    own_from: int
    """Where its own words begin in `plain`."""
    heading: str = ""
    is_definition: bool = False
    section: str = ""
    """The path it is cited by."""

    @cached_property
    def words(self) -> str:
        """All of it, to search in."""
        return normalised(self.plain)

    @cached_property
    def own(self) -> str:
        """The clause alone, to search in."""
        return self.words[self.own_from :]

    @cached_property
    def heading_words(self) -> str:
        """The headings, to search in."""
        return normalised(self.heading)

    def sentences(self) -> Iterator[Passage]:
        """One passage for each sentence of its own words, each under the same words above."""
        above = self.plain[: self.own_from]
        for sentence in sentences(self.plain[self.own_from :]):
            yield Passage(
                above + sentence, len(above), self.heading, self.is_definition, self.section
            )


def sentences(text: str) -> list[str]:
    """Cut after full stops and semicolons that end something, and before `, and no person may`."""
    found: list[str] = []
    start = 0
    for cut in _SENTENCE.finditer(text):
        if not _ABBREVIATED.search(text[max(0, cut.start() - 12) : cut.start()]):
            found.append(text[start : cut.start()])
            start = cut.end()
    found.append(text[start:])
    parts = [part for each in found for part in _parts(each) if part.strip()]
    return [piece for part in parts for piece in _pieces(part)]


def _pieces(sentence: str) -> list[str]:
    """A sentence in stretches that overlap, where it is longer than any law has."""
    if len(sentence) <= _LONGEST:
        return [sentence]
    step = _LONGEST - _OVERLAP
    return [sentence[at : at + _LONGEST] for at in range(0, len(sentence), step)]


def _parts(sentence: str) -> list[str]:
    """Its halves, where the second has a subject of its own and nothing in the first turns it."""
    return [sentence] if _TURNS.search(sentence) else _AND.split(sentence)


class Reader:
    """Puts passages of one bill together, without the words that it strikes."""

    def __init__(self, bill: Bill) -> None:
        self._bill = bill
        self._struck = [
            (each.start, each.end)
            for each in bill.stretches
            if each.change is Change.STRUCK and each.end > each.start
        ]
        spans = sorted((each.start, each.end) for each in bill.definitions)
        self._defined_from = [start for start, _ in spans]
        self._defined_to = list(accumulate((end for _, end in spans), max))

    def passage(self, block: Block) -> Passage:
        """What is judged of a block."""
        above = "".join(f"{self._standing(*span)} " for span in block.governed_by)[-_LONGEST:]
        own = self._standing(block.start, block.end)
        defines = self._defines(block.start)
        return Passage(above + own, len(above), block.heading, defines, block.path)

    def _standing(self, start: int, end: int) -> str:
        """The words between two offsets, those struck as blanks."""
        said = self._bill.quote(start, end)
        at = max(0, bisect_right(self._struck, (start, 0)) - 1)
        for begin, stop in self._struck[at:]:
            if begin >= end:
                break
            first, last = max(begin - start, 0), min(stop, end) - start
            if last > first:
                said = said[:first] + " " * (last - first) + said[last:]
        return said

    def _defines(self, place: int) -> bool:
        """Whether a definition begins at or before a place and ends after it."""
        at = bisect_right(self._defined_from, place) - 1
        return at >= 0 and place < self._defined_to[at]
