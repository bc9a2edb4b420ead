"""What the rules on leave share: which leave is named, and whether a tool is what it is for."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import TOOL_ACTS
from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.leave_words import LEAVE
from freehold.civic.clauses.statement import Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.wording import words

NAMES = {
    RedLine.LICENCE: "a licence",
    RedLine.REGISTRATION: "a registration",
    RedLine.CERTIFIED_ONLY: "a certificate or a place on a list",
    RedLine.PRECLEARANCE: "an approval",
}

_TRADES = words(
    r"minors?",
    r"child(?:ren)?",
    r"professional services?",
    r"practice of (?:law|medicine|\w+)",
    r"insurance",
    r"motor vehicles?",
    r"autonomous vehicles?",
    r"vehicles?",
    r"medical devices?",
    r"drones?",
    r"unmanned aircraft",
    r"health ?care",
    r"(?:psycho)?therap(?:y|ist|ists)",
    r"mental health",
    r"patients?|diagnos\w+|nurses?|physicians?|medical",
    r"legal (?:services|advice)",
    r"telehealth",
    r"real estate",
    r"gambling|gaming|wager\w*",
    r"schools?|pupils?|classrooms?",
    r"data brokers?|brokered",
    r"(?:construct\w+|upgrad\w+|siting|building) (?:or \w+ )?(?:of )?(?:[\w-]+ ){0,6}?"
    r"data cent(?:er|re)s?",
)
_PROCURED = re.compile(
    r"\b(?:receiv\w+|award\w*) (?:an?|the|any) (?:award|grant)\b|\b(?:grant|federal) "
    r"funds\b|\bcontracting officers?\b|\bprocur(?:e|es|ed|ing"
    r"|ements?)\b(?![^.;]{0,40}(?:licen[cs]e|permit))|\bperform\w+ (?:of )?(?:a|the|any) "
    r"contract\b|\bfederal contract"
    r"|\bpublic (?:administration|authorit(?:y|ies)|sector bod(?:y|ies))\b"
    r"|\b(?:used|operated|deployed|acquired|purchased)\b[^.;]{0,30}?\b(?:by|for) (?:an?y? "
    r"|the |each )?(?:state|federal|public|government\w*|local)? ?(?:agenc|department|government)"
)
_UN = re.compile(r"\bun(?=licen[cs]ed|registered|certified|approved)")


def leave_named(said: str, subject: Subject) -> RedLine | None:
    """Which leave these words name first, by its own name or by one that the bill defines."""
    said = _UN.sub("  ", said)
    places = {line: found.start() for line, table in LEAVE.items() if (found := table.search(said))}
    for term in subject.used(said):
        if term in subject.leave_terms:
            places.setdefault(subject.leave_terms[term], said.find(term))
    return min(places, key=places.__getitem__) if places else None


def about_tool(said: Statement, subject: Subject) -> bool:
    """Whether it is about a tool: by its own words and terms, its heading, or the bill's title."""
    if _TRADES.search(said.clean) or _PROCURED.search(said.clean):
        return False
    if subject.is_chip_trade(said.clean, said.heading):
        return False
    if subject.is_tool(said.words) or subject.is_tool(said.heading):
        return True
    return subject.is_about and TOOL_ACTS.search(said.words) is not None
