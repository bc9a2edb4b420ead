"""A clause as it reads with the words above that open it, ready to be searched."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from freehold.civic.bills.bill import Bill
from freehold.civic.clauses.wording import normalised

_SENTENCE = re.compile(r"(?<=[a-z0-9)\]\"”][.;])\s+(?=[A-Z(“\"])")
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
    """Cut after full stops and semicolons that end something."""
    found: list[str] = []
    start = 0
    for cut in _SENTENCE.finditer(text):
        if not _ABBREVIATED.search(text[max(0, cut.start() - 12) : cut.start()]):
            found.append(text[start : cut.start()])
            start = cut.end()
    found.append(text[start:])
    return [each for each in found if each.strip()]


def passage(
    bill: Bill,
    start: int,
    end: int,
    governed_by: tuple[tuple[int, int], ...] = (),
    heading: str = "",
    path: str = "",
    is_definition: bool = False,
) -> Passage:
    """Put together what stands in `bill`."""
    above = "".join(f"{bill.quote(*span)} " for span in governed_by)
    return Passage(above + bill.quote(start, end), len(above), heading, is_definition, path)
