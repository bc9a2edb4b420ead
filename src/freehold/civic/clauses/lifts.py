"""Clauses elsewhere in a bill that take some out of its red lines."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import TYPE_CHECKING

from freehold.civic.bills.bill import Bill
from freehold.civic.clauses.finding import Finding, Lift
from freehold.civic.clauses.wording import words

if TYPE_CHECKING:
    from freehold.civic.clauses.judging import Judged

_EXEMPTS = re.compile(
    r"\b(?:shall|does|do|may|will) not (?:apply|extend) to\b|\b(?:is|are|shall be) "
    r"exempt\w*\b|\bnot subject to\b"
    r"|\bdoes not include\b|\bexcept(?:ion|ed|s)?\b[^.;]{0,80}\bfor\b|\bmay (?:exempt"
    r"|waive)\b|\bnothing in this\b"
)
_WHOLE_LAW = re.compile(r"\bthis (?:act|chapter|article|title|part)\b")
_MOST = 12
"""Exemptions that are told beside one red line."""
_WHOM = {
    "open models": words(
        r"open[- ](?:source|weights?|models?)", r"openly (?:released|available|licensed)"
    ),
    "personal use": words(
        r"personal(?:, family,? or household)?(?: or household)? (?:use|purposes?)",
        r"non-?commercial\w*",
        r"hobby\w*",
        r"natural persons? acting",
    ),
    "research": words(
        r"academic",
        r"research(?:ers?)?(?: purposes?)?",
        r"educational institutions?",
        r"universit(?:y|ies)",
    ),
    "small developers": words(
        r"small (?:business(?:es)?|developers?|entit(?:y|ies))",
        r"fewer than",
        r"less than \$?\d",
        r"below the threshold",
    ),
    "governments": words(
        r"government\w* (?:entit(?:y|ies)|agenc(?:y|ies))",
        r"national security",
        r"law enforcement",
        r"military",
    ),
}


class Lifts:
    """Every clause of a bill that exempts somebody, by where it applies."""

    def __init__(self, bill: Bill, judged: list[Judged]) -> None:
        self._of_section: dict[str, list[Lift]] = defaultdict(list)
        self._of_all: list[Lift] = []
        for each in judged:
            said = each.said.words
            whom = _whom(said) if _EXEMPTS.search(said) else None
            if whom is None:
                continue
            start, end = each.block.start, each.block.end
            lift = Lift(whom, each.block.path, start, end, bill.quote(start, end))
            if _WHOLE_LAW.search(said):
                self._of_all.append(lift)
            else:
                self._of_section[_root(each.block.path)].append(lift)

    def of(self, finding: Finding) -> tuple[Lift, ...]:
        """Those that may lift a red line: of its own section, then of the whole law."""
        near = [*self._of_section.get(_root(finding.path), ()), *self._of_all[:_MOST]]
        other = [each for each in near if (each.start, each.end) != (finding.start, finding.end)]
        return tuple(other[:_MOST])


def _whom(said: str) -> str | None:
    return next((whom for whom, table in _WHOM.items() if table.search(said)), None)


def _root(path: str) -> str:
    return path.split("(")[0].strip()
