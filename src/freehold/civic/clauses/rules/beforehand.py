"""What must be had from an authority, or passed, before acting: said as a duty or a condition."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import TOOL_ACTS
from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.leave_words import OFFICE
from freehold.civic.clauses.rules.about import NAMES, about_tool, leave_named
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import GOVERNMENT
from freehold.civic.clauses.verdict import Verdict, red
from freehold.civic.clauses.wording import words

_BEFORE = re.compile(
    r"\b(?:before|prior to|in advance of|ahead of|beforehand|until|pending"
    r"|not (?:later|less|fewer) than [^.;]{1,40} (?:before|prior to))\b(?P<what>[^.;]{0,140})"
)
_AWAITS = re.compile(r"\b(?:wait for|await)\b(?P<what>[^.;]{0,140})")
_GETS = words(
    r"appl(?:y|ies|ied)",
    r"(?:make|makes|made|making) (?:an? )?application",
    r"applications?",
    r"obtain\w*",
    r"secure",
    r"seek",
    r"receiv\w+",
    r"request",
    r"undergo(?:es)?",
    r"be (?:subject(?:ed)?|submitted|put) to",
    r"pass",
    r"(?:has|have) passed",
    r"be (?:evaluated|examined|tested|inspected|reviewed|assessed|approved|cleared|vetted|verified"
    r"|certified|registered|licensed|authori[sz]ed)",
    r"hand (?:over|in)",
    r"wait for",
    r"await",
    r"complete",
    r"is (?:required|necessary|needed|mandatory)",
    r"(?:submit|present|surrender|make available) (?:the |each |its |such |a |any )(?:\w+ ){0,3}?"
    r"(?:models?|systems?)",
)
_BY_OTHERS = re.compile(
    rf"\b(?:evaluat|examin|test|inspect|review|assess|audit|vett)\w*\b[^.;]{{0,60}}?"
    rf"\bby (?:the |an? )?{OFFICE}"
    rf"|\b(?:to|with) (?:the )?{OFFICE}[^.;]{{0,40}}?\bfor (?:\w+ ){{0,3}}?"
    r"(?:evaluation|testing|tests?|review|inspection|examination|assessment|vetting|approval)"
    rf"|\b{OFFICE}[^.;]{{0,40}}? for (?:an? )?(?:\w+ ){{0,2}}?(?:security|safety) "
    r"(?:assessment|evaluation|review)"
    r"|\bundergo [^.;]{0,40}?\b(?:third[- ]party|independent|external) (?:\w+ )?audits?\b"
    r"|\bconformity assessment\b|\bnotified body\b"
)
_OWN = re.compile(
    r"\b(?:(?:its|their|his|her|own|internal) (?:\w+ ){0,3}?(?:board|management|policy|policies"
    r"|assessment|review)|contract\w*|tender|procur\w+|institutional review|ethics committee"
    r"|parents?|guardians?|patients?|copyright\w*|grant)\b"
)
_TELLS = re.compile(
    r"^ ?(?:\w+ly )?(?:publish|disclos|notify|inform|report|describe|document|post|provide"
    r" (?:notice|users?|consumers?)|display|label)\w*\b"
)
_CONDITIONED = re.compile(
    r"\b(?:is|are|shall be|be|being|remains?) (?:made )?(?:subject to|condition(?:ed|al) (?:up)?on"
    r"|contingent (?:up)?on|dependent (?:up)?on|permitted only|allowed only|lawful only)\b"
    r"(?P<what>[^.;]{0,140})|\bcondition(?: precedent)? (?:to|of|for)\b(?P<of>[^.;]{0,200})"
    r"|\bis an? (?P<kind>licen[cs]ed|registered|regulated) activity\b"
)
_MADE = r"\b(?:is|are) (?:hereby )?(?:established|created|instituted|introduced|imposed)\b"
_SET_UP = re.compile(
    rf"(?:{_MADE}[^.;]{{0,60}}?|^(?:an? |the )?)"
    r"\b(?P<what>licens\w+|registration|pre-?approval|approval|authori[sz]ation|certification|permit)"
    r"(?:ting)? (?:requirement|regime|scheme|system|procedure|obligation|process)s?\b"
)
_WAITS = re.compile(
    r"\b(?:shall|may|must) not\b[^.;]{0,120}?\b(?:during (?:that|the|such|this) (?:[\w-]+"
    r" ){0,3}?period"
    r"|(?:before|until) (?:the )?(?:end|expir\w+|lapse|passing|conclusion) of|until (?:that|the"
    r"|such) (?:[\w-]+ ){0,3}?period|within (?:that|this) period|until (?:[\w-]+ ){1,3}days)"
    r"|\buntil\b[^.;]{0,80}?\b(?:days|months|period)\b[^.;]{0,30}?\b(?:run|elapsed|passed|expired?|ended)\b"
    r"[^;]{0,200}?\b(?:shall|may|must) (?:not|refrain from)\b[^.;]{0,120}"
)
_TOLD = re.compile(r"\b(?:notice|notif\w+|inform\w*|submi\w+|transmi\w+|filed?)\b")


def sought_before(said: Statement, subject: Subject) -> Verdict | None:
    """`Shall apply for a security assessment before services are provided.`"""
    if said.force not in (Force.DUTY, Force.NONE) or said.actor is Actor.GOVERNMENT:
        return None
    if not about_tool(said, subject) or _TELLS.match(said.act) or _OWN.search(said.clean):
        return None
    if said.force is Force.NONE and " is required" not in said.clean:
        return None
    before = _BEFORE.search(said.clean) or _AWAITS.search(said.clean)
    if before is None or not TOOL_ACTS.search(before["what"]):
        return None
    rest = said.clean[: before.start()] + said.clean[before.end() :]
    gets = _GETS.search(said.clean)
    if gets is None:
        return None
    if _BY_OTHERS.search(said.clean):
        return red(RedLine.PRECLEARANCE, "Others than the maker must pass it before release.")
    line = leave_named(rest, subject)
    return red(line, f"It takes {NAMES[line]} before that may be done.") if line else None


def conditioned(said: Statement, subject: Subject) -> Verdict | None:
    """`Release is conditioned on approval`, `development is a licensed activity`."""
    if said.actor is Actor.GOVERNMENT or not about_tool(said, subject):
        return None
    found = _CONDITIONED.search(said.clean)
    if found is None or _OWN.search(said.clean) or _TELLS.match(said.act):
        return None
    about = found["of"] or said.clean[: found.start()]
    if not TOOL_ACTS.search(about) or said.actor is Actor.PAPER:
        return None
    line = leave_named(found["kind"] or found["of"] or found["what"] or "", subject)
    return red(line, f"That is conditioned on {NAMES[line]}.") if line else None


def set_up(said: Statement, subject: Subject) -> Verdict | None:
    """`There is established a licensing requirement for any entity that trains a model.`"""
    found = _SET_UP.search(said.clean)
    made = found is not None and (found.start() > 0 or re.search(_MADE, said.clean))
    if found is None or not made:
        return None
    if not about_tool(said, subject) or not TOOL_ACTS.search(said.clean):
        return None
    named = re.sub(r"^(?:licensing|permit)", "license", found["what"])
    line = leave_named(named, subject) or RedLine.PRECLEARANCE
    return red(line, f"It sets up {NAMES[line]} that they must have.")


def waits(said: Statement, subject: Subject) -> Verdict | None:
    """An authority is told first, and nothing may be released for so many days."""
    if not about_tool(said, subject) or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    waiting = _WAITS.search(said.words)
    if waiting is None or not TOOL_ACTS.search(waiting[0]):
        return None
    if not GOVERNMENT.search(said.words) or not _TOLD.search(said.words):
        return None
    return red(RedLine.PRECLEARANCE, "An authority is told first, and the maker has to wait.")
