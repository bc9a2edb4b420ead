"""Bans that rest on what an authority ordered, or on what the bound one has left undone."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import EVALUATION, TOOL_ACTS
from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.rules.about import NAMES, about_tool, leave_named
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import GOVERNMENT
from freehold.civic.clauses.verdict import Verdict, red

_ORDERED = re.compile(
    r"\b(?:that|which|whose [^.;,]{1,40})\b[^.;]{0,60}?\b(?:has|have|is|are|was|were)\b"
    r"[^.;]{0,80}?\b(?:prohibited|barred|banned|suspended|disapproved|rejected|denied|revoked"
    r"|restricted|recalled)\b(?P<rest>[^.;]{0,120})"
)
_BY = re.compile(r"\b(?:by|under|pursuant to|in accordance with)\b")
_UNDONE = re.compile(
    r"\b(?:that|who|which)\b [^.;]{0,30}?\b(?:fails?|failed|refuses?|neglects?|does not|do not"
    r"|has not|have not)\b(?P<what>[^.;]{1,160})"
)
_NAMED = re.compile(r"\b(?:designat\w+|appoint\w*|regist\w+|enrol\w*|identif\w+|name an? agent)\b")
_JUDGED = re.compile(
    r"\b(?:evaluat\w+|test(?:s|ed|ing)?|assess\w*|audit\w*|inspect\w*)\b"
    r"|\bfor (?:\w+ )?(?:review|approval|clearance)\b"
)
_BY_A_COURT = re.compile(r"\b(?:courts?|judges?|jury|convict\w*)\b")
_SEEKING = re.compile(
    r"\b(?:seek|intend|propos|plan|wish|prepar)(?:s|es|e|ing)? to [^.;,]{0,40}?"
    r"\b(?:deploy|release|publish|distribute|make [^.;,]{0,60}?available|share|sell|offer)\b"
)
_WITHOUT = re.compile(
    r"\b(?:if|where|when) (?:any|an?) (?:person|developer|operator|deployer|provider|entity"
    r"|company)\b(?P<act>[^;]{0,200}?)\bwithout (?P<leave>[^;,]{0,100})"
)
_PENALTY = re.compile(r"\b(?:penalt(?:y|ies)|fines?|fined|liable|guilty|offen[cs]e|imprison\w*)\b")
_RUN = re.compile(
    r" ?(?:\w+ly )?(?:first |also )?(?:conduct|perform|carry out|commission|complete|undergo)\b"
    r"[^.;]{0,120}"
)
_SET_BY_OTHERS = re.compile(
    r"\b(?:in accordance with|pursuant to|under|using|designed|approved|required|prescribed|"
    r"established)\b"
)


def forbidden_by_order(said: Statement, subject: Subject) -> Verdict | None:
    """`No person may deploy a model that the Secretary has prohibited under section 5.`"""
    if not _bars(said, subject):
        return None
    ordered = _ORDERED.search(said.clean)
    if ordered is None or _BY_A_COURT.search(ordered[0]):
        return None
    if GOVERNMENT.search(ordered[0]) or _BY.search(ordered["rest"]):
        return red(RedLine.PRECLEARANCE, "An authority decides which may be released.")
    return None


def undone(said: Statement, subject: Subject) -> Verdict | None:
    """`A developer that fails to designate an agent may not deploy any model.`"""
    if not _bars(said, subject):
        return None
    left = _UNDONE.search(said.clean[: said.act_from])
    if left is None:
        return None
    what = left["what"]
    line = leave_named(what, subject)
    if line is None and _NAMED.search(what):
        line = RedLine.REGISTRATION
    if line is None and _JUDGED.search(what):
        line = RedLine.PRECLEARANCE
    return red(line, "Who has not done that first may not release it.") if line else None


def without_leave(said: Statement, subject: Subject) -> Verdict | None:
    """`If any person operates a model without a current disclosure on file, a penalty is due.`"""
    found = _WITHOUT.search(said.clean)
    if found is None or not _PENALTY.search(said.clean, found.end()):
        return None
    if not TOOL_ACTS.search(found["act"]) or not about_tool(said, subject):
        return None
    line = leave_named(found["leave"], subject)
    return red(line, f"It is punished without {NAMES[line]}.") if line else None


def seeking_release(said: Statement, subject: Subject) -> Verdict | None:
    """`Any person seeking to deploy a model shall conduct the evaluation under section 5.`"""
    if said.force is not Force.DUTY or said.actor is not Actor.ANYONE:
        return None
    if not _SEEKING.search(said.who) or not about_tool(said, subject):
        return None
    run = _RUN.match(said.act)
    if run and EVALUATION.search(run[0]) and _SET_BY_OTHERS.search(said.act[:400]):
        return red(RedLine.PRECLEARANCE, "A set evaluation must be run before release.")
    return None


def _bars(said: Statement, subject: Subject) -> bool:
    """Whether it forbids people an act on a tool."""
    bans = said.force is Force.BAN and said.actor in (Actor.ANYONE, Actor.THING)
    return bans and TOOL_ACTS.search(said.act[:160]) is not None and about_tool(said, subject)
