"""A passed or handed-in evaluation before a model may be released."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import EVALUATION
from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import GOVERNMENT
from freehold.civic.clauses.verdict import Verdict, red

_TAKE_PART = re.compile(
    r"\b(?:participate in|take part in|undergo|submit to|enrol+ in"
    r"|complete)\b(?P<what>[^.;]{0,140})"
)
_BY_LAW = re.compile(
    r"\bsecurity (?:self-)?(?:assessment|evaluation)\b[^.;]{0,60}?\b(?:national|state|relevant"
    r"|competent)\b"
)
_BY_THE_MAKER = re.compile(
    r"\b(?:by|of) (?:the|its|such|each) (?:developer|deployer|provider|operator|maker)s?\b"
)
_HAND_IN = re.compile(
    r"\b(?:submit|provide|furnish|deliver|make available|transmit|disclose|grant access "
    r"to)\b[^.;]{0,200}"
)
_LET = re.compile(
    r" ?(?:\w+ly )?(?:allow|permit|enable|give|grant|let|provide) (?P<whom>[^.;]{1,80}?)"
    r"\b(?:to (?:test|evaluate|inspect|examine|assess|review|audit)|access to|early access)\b"
)
_BEFORE = re.compile(
    r"\b(?:before|prior to|in advance of|not (?:later|less|fewer) than [^.;]{1,40} "
    r"(?:before|prior to))\b[^.;]{0,120}?"
    r"\b(?:deploy|releas|sale|mak\w+ (?:\w+ ){0,8}available|train|publish|distribut|offer|sell"
    r"|market|commerciali[sz])\w*"
)
_PAPERS = re.compile(
    r"\b(?:protocol|framework|report|summary|summaries|statement|policy|policies|notice"
    r"|card|documentation|disclosure)\b"
)
_FOR_TESTS = re.compile(
    r"\b(?:for|to) (?:\w+ ){0,4}(?:evaluation|testing|test|evaluate|review|assess"
    r"|assessment|approval|determination)\b"
)


def taken_part(said: Statement, subject: Subject) -> Verdict | None:
    """`Each developer shall participate in the evaluation program.`"""
    if not said.binds or said.force is not Force.DUTY or not subject.is_tool(said.words):
        return None
    part = _TAKE_PART.search(said.act[:260])
    if part is None:
        return None
    what = part["what"]
    meant = " ".join(f"{term} {subject.glosses[term]}" for term in subject.used(what))
    if not EVALUATION.search(f"{what} {meant}") or _BY_THE_MAKER.search(what):
        return None
    by_authority = (
        GOVERNMENT.search(f"{what} {meant}")
        or "program" in what
        or "established" in meant
        or _BY_LAW.search(what)
    )
    if by_authority or _BEFORE.search(said.words):
        return red(RedLine.PRECLEARANCE, "An authority's evaluation must be taken part in.")
    return None


def let_test(said: Statement, subject: Subject) -> Verdict | None:
    """`Must allow the Institute to test the model before release.`"""
    if said.force is not Force.DUTY or not said.binds or not subject.is_tool(said.words):
        return None
    allowed = _LET.match(said.words[said.act_from :])
    if allowed is None or not GOVERNMENT.search(allowed["whom"]) or not _BEFORE.search(said.words):
        return None
    return red(RedLine.PRECLEARANCE, "An authority must be let test it before release.")


def handed_in(said: Statement, subject: Subject) -> Verdict | None:
    """The model, or an evaluation of it, must be handed to an authority before release."""
    if (
        said.force is not Force.DUTY
        or said.actor is Actor.GOVERNMENT
        or not subject.is_tool(said.words)
    ):
        return None
    if not _BEFORE.search(said.words):
        return None
    given = _HAND_IN.search(said.act)
    if given is None or not GOVERNMENT.search(given[0]):
        return None
    tests = EVALUATION.search(given[0]) and not _PAPERS.search(given[0])
    if tests or _FOR_TESTS.search(given[0]):
        return red(RedLine.PRECLEARANCE, "An evaluation must be handed in before release.")
    return None
