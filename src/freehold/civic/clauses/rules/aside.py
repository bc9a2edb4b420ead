"""What is no rule of conduct: definitions, titles, findings, plans, voluntary programmes."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import TOOL_ACTS
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict
from freehold.civic.clauses.wording import words

_DEFINES = re.compile(
    r"^(?:\(\w{1,4}\) ?)*(?:[^.;]{0,80}?, )?(?P<term>(?:the terms? |a |an "
    r")?[\"a-z][^.;:]{0,90}?[\"a-z]) ?[—,]? ?"
    r"(?:\(\w\) )?(?<!\ba )(?:means(?! (?:or|of|to|by|including|whether)\b)|shall mean|has the"
    r" (?:same )?meaning|have the meaning|includes|does not include)\b"
)
_LAW = re.compile(r"\b(?:shall|must|may)\b")
_DEFINED = re.compile(
    r"\b(?:means|mean|does not include) ?[—:]|\bthe terms? [^.;:]{1,90}—|\bas used in "
    r"this\b|definitions?\b[^.]{0,80}[:—] ?$"
)
_DEFINITIONS = re.compile(r"\bdefinitions?\b(?! of (?:offense|crime))|\binterpretation\b")
_TITLES = re.compile(
    r"\b(?:may be|shall be known(?: and may be)?) cited as\b|\bshall be known as\b|\ban "
    r"act (?:relat\w+ to|concerning|in relation to|to (?:amend|add|enact|create|require"
    r"|prohibit|establish|repeal))\b"
    r"|\bbe it (?:further )?enacted\b|\bdo enact as follows\b|^a bill (?:to|for)\b|\bthis "
    r"bill (?:establish|requir|creat|prohibit)"
)
_AMENDS = re.compile(
    r"\b(?:is|are) (?:hereby )?(?:further )?amended\b(?:[^.]{0,160}(?:following|read as "
    r"follows|adding|inserting|striking))?[^.]{0,60}$"
    r"|^(?:section \d\w*\. )?that section [^.]{0,100} be (?:enacted|amended)"
)
_FINDS = re.compile(
    r"\b(?:congress|legislature|general (?:assembly|court)|people) (?:hereby )?(?:finds?"
    r"|declares?)\b|\bsense of (?:the )?(?:congress|senate|house|legislature)\b|\blegislative "
    r"(?:findings|intent)\b|(?<!for )(?<!for the )\bpurposes? of this (?:act|chapter|section"
    r"|article|title|part)\b"
)
_IN_FINDINGS = words(
    r"findings?(?: and (?:purposes?|declarations?))?",
    r"purposes?",
    r"sense of congress",
    r"legislative intent",
)
_PLANS = words(
    r"recommend(?:s|ed|ation|ations|ing)?",
    r"stud(?:y|ies)",
    r"propos(?:e|es|ed|al|als)",
    r"report(?:s)?",
    r"advis(?:e|ory)",
    r"suggest",
    r"consider(?:ing)?",
    r"evaluat(?:e|es) whether",
    r"plan(?:s)?",
    r"strategy",
    r"assess (?:the|whether)",
    r"analy[sz](?:e|is)",
    r"feasibility",
    r"identify",
    r"consult",
)
_STUDIES = re.compile(
    r"\b(?:commission|task force|council|working group|committee|panel)\b[^.;]{0,60}?"
    r"\b(?:to|shall) (?:study|examine|advise|recommend|consider)\b"
)
_HEAD = 60
"""Characters of an act that say what kind it is."""
_VOLUNTARY = words(
    r"voluntar(?:y|ily)",
    r"sandbox",
    r"waivers?",
    r"pilot program(?:me)?",
    r"safe harbor program(?:me)?",
    r"encouraged?,? but not required",
    r"without complying with",
    r"(?:agrees?|agreed|wish(?:es)?|elects?|chooses?) to (?:participate|waive|take part)",
)
_PROGRAM = words(
    r"(?:under|in) the program(?:me)?",
    r"program(?:me)? participants?",
)
_INSIDE = words(
    r"(?:program(?:me)? )?participants?", r"applicants?", r"granted an? waiver", r"waivers?"
)
_HOLDER = re.compile(
    r"(?:an?|the|each|any|every|such|no)? ?(?:certified (?:developer|provider|operator"
    r"|laborator(?:y|ies))s?|certificate ?-?holders?)"
)
"""Who has a certificate: certificates are mostly for those who seek one."""
_LICENSED = re.compile(
    r"(?:an?|the|each|any|every|such|all)? ?(?:licen[cs]ees?|permittees?|registrants?|permit"
    r" ?holders?"
    r"|holders? of (?:an?|the|such) (?:[\w-]+ ){0,3}?(?:licen[cs]e|permit|registration|certificate)"
    r"|(?:persons?|developers?|dealers?|operators?|owners?) (?:licen[cs]ed|registered|certified"
    r"|permitted) under (?:this|the|section|such)\b.*)"
)
"""Who has what the law demands already."""
_EFFECT = re.compile(
    r"\b(?:shall|to) take effect\b|\bshall (?:be )?(?:apply|applicable|effective) (?:on"
    r"|to (?:offenses|violations))"
    r"|\bseverab|\bheld (?:to be )?(?:invalid|unconstitutional)|\bthere (?:is|are) "
    r"(?:hereby )?(?:authorized to be )?appropriated\b"
)


_EXCLUSIVE = re.compile(r"\bexclusive means by which\b|\bsole authority of\b")
_SCOPE = re.compile(
    r"^(?:\(\w{1,4}\) ?)*(?:(?:scope|applicability|application)\. )?(?:the (?:provisions"
    r"|requirements) of )?this "
    r"(?:act|article|chapter|section|title|part|subtitle|subchapter|division|regulation|law) "
    r"(?:shall |does |do )?(?:only |also )?appl(?:y|ies) (?:only )?(?:to|with respect to)\b"
)
_OF_HOUSES = re.compile(r"\bjoint resolutions?\b|\bconcurrent resolutions?\b|\bquorum call\b")


def of_houses(said: Statement, subject: Subject) -> Verdict | None:
    """How a legislature deals with its own resolutions."""
    if said.binds and TOOL_ACTS.search(said.act[:160]):
        return None  # it binds people, whatever a house must do for it
    if _OF_HOUSES.search(said.words):
        return Verdict(Label.NEUTRAL, "It is a legislature's own procedure.")
    return None


def is_definition(said: Statement, subject: Subject) -> Verdict | None:
    """A definition says what a word means; whom it covers is told where it is used."""
    del subject
    above = said.words[: len(said.words) - len(said.own)].strip()
    if (
        said.passage.is_definition
        or _defines(said.own)
        or (above and (_DEFINED.search(above) or _defines(above)))
        or (said.force is Force.NONE and _DEFINITIONS.search(said.heading))
    ):
        return Verdict(Label.NEUTRAL, "It says what a term means.")
    return None


def _defines(words: str) -> bool:
    found = _DEFINES.match(words)
    return found is not None and not _LAW.search(found["term"])


def is_frame(said: Statement, subject: Subject) -> Verdict | None:
    """A title, a line that amends, an effective date."""
    del subject
    for pattern, because in (
        (_TITLES, "It is a title."),
        (_AMENDS, "It only says where the words that follow it go."),
        (_EFFECT, "It says from when on, or with what money, the rest applies."),
        (_EXCLUSIVE, "It says which way an authority has to go."),
    ):
        if pattern.search(said.own):
            return Verdict(Label.NEUTRAL, because)
    if _SCOPE.search(said.words):
        return Verdict(Label.NEUTRAL, "It says to whom or what the law applies.")
    return None


def is_finding(said: Statement, subject: Subject) -> Verdict | None:
    """What lawmakers find or intend binds nobody. (What declares a right was seen before.)"""
    del subject
    if _FINDS.search(said.words) or (
        _IN_FINDINGS.search(_nearest(said)) and said.actor is not Actor.ANYONE
    ):
        return Verdict(Label.NEUTRAL, "It says what lawmakers find or intend, and binds nobody.")
    return None


def _nearest(said: Statement) -> str:
    """The headings over it; of law that a bill writes its own alone, and not the bill's."""
    inside = "→" in said.passage.section
    return said.heading.rpartition(" · ")[2] if inside else said.heading


def is_plan(said: Statement, subject: Subject) -> Verdict | None:
    """An authority is to study, recommend or report: nobody is bound yet."""
    del subject
    if _STUDIES.search(said.words):
        return Verdict(Label.NEUTRAL, "A body is to study, recommend or report.")
    if said.actor not in (Actor.GOVERNMENT, Actor.PAPER) or said.force is Force.BAN:
        return None
    act = said.act[:_HEAD]
    if _PLANS.search(act) or _PLANS.match(said.own):
        return Verdict(Label.NEUTRAL, "An authority is to study, recommend or report.")
    return None


def of_holders(said: Statement, subject: Subject) -> Verdict | None:
    """What those have to do who are licensed already is a detail of the licence."""
    del subject
    if said.force not in (Force.DUTY, Force.MAY) or not _LICENSED.fullmatch(said.who):
        return None
    return Verdict(Label.NEUTRAL, "It says what those who have the leave must or may do.")


def is_voluntary(said: Statement, subject: Subject) -> Verdict | None:
    """A programme one may enter sets conditions only for those in it."""
    entered = _VOLUNTARY.search(said.words) is not None
    if not entered and _PROGRAM.search(said.words):
        about = f"{subject.glosses.get('program', '')} {said.heading} {subject.title}"
        entered = _VOLUNTARY.search(about) is not None
    inside = _INSIDE.search(said.who) or _HOLDER.fullmatch(said.who)
    if (entered and said.force is not Force.BAN) or inside:
        return Verdict(Label.NEUTRAL, "It is a condition of a programme that one may enter or not.")
    return None
