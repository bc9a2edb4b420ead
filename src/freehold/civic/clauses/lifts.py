"""Clauses elsewhere in a bill that take some out of its red lines."""

from __future__ import annotations

import re
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


def find_lifts(bill: Bill, judged: list[Judged]) -> tuple[Lift, ...]:
    """Every clause that exempts somebody, with whom."""
    found = []
    for each in judged:
        said = each.said.words
        if not _EXEMPTS.search(said):
            continue
        for whom, table in _WHOM.items():
            if table.search(said):
                start, end = each.block.start, each.block.end
                found.append(Lift(whom, each.block.path, start, end, bill.quote(start, end)))
                break
    return tuple(found)


def lifts_of(finding: Finding, lifts: tuple[Lift, ...]) -> tuple[Lift, ...]:
    """Those that may lift this red line: of its own section, or of the whole law."""
    root = finding.path.split("(")[0].strip()
    return tuple(
        each
        for each in lifts
        if (each.start, each.end) != (finding.start, finding.end)
        and (
            each.path.split("(")[0].strip() == root
            or re.search(r"\bthis (?:act|chapter|article|title|part)\b", each.quote.lower())
        )
    )
