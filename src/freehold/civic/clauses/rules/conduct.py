"""Harm and how a trade behaves: acts that are punished or regulated, whatever tool did them."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import CONDUCT, HARMS, INTENT, TOOL_ACTS
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.leave_words import GATE
from freehold.civic.clauses.rules.switches import SWITCHES
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict
from freehold.civic.clauses.wording import words

_PUNISHES = re.compile(
    r"\b(?:shall be (?:fined|punished|imprisoned|guilty|liable|subject to a (?:civil"
    r"|criminal) penalt\w+)|is (?:liable|guilty)|civil penalt\w+|"
    r"sanctions?|felony|misdemeanor|imprison\w+|statutory damages|private right of action"
    r"|cause of action|unfair or (?:a )?deceptive act|"
    r"treated as a violation|commits (?:an offense|a crime))\b"
)
_BY_NUMBER = re.compile(
    r"\bviolat\w+ (?:of )?(?:any (?:provision|requirement) of )?(?:this |sub)?(?:section"
    r"|paragraph|act|chapter|article|subchapter|title|part)\w*\b"
)
_POINTS = re.compile(
    r"\b(?:this (?:act|chapter|article|title|part|section|subchapter)|(?:sub)?(?:section"
    r"|paragraph|chapter|division)s? ?(?:\([a-z0-9]{1,4}\)|\d)[^.;]{0,40})"
)
_NAMED_ACT = re.compile(
    r"\b(?:who|that|which|for|by|to have|having) (?:\w+ly )?(?:"
    + TOOL_ACTS.pattern
    + r")[^.;]{0,120}?"
    r"\bin violation of\b"
)
_DISCLOSES = words(
    r"disclos\w+",
    r"notif(?:y|ies|ication)",
    r"label\w*",
    r"watermark\w*",
    r"provenance",
    r"notice",
    r"publish\w*",
    r"post(?:s|ed)?",
    r"report(?:s|ing)?",
    r"records?",
    r"document(?:s|ed|ation)?",
    r"transparen\w+",
    r"inform(?:s|ed)? (?:the|each|any|users?|consumers?)",
    r"transmit",
    r"designate an agent",
    r"retain",
    r"summar(?:y|ies)",
    r"describ\w+",
    r"made aware",
)
_PAPERS = words(
    r"publish\w*",
    r"disclos\w+",
    r"provid\w+ (?:\w+ ){0,3}?(?:users?|consumers?|the public|deployers?|notice)",
    r"notif\w+",
    r"label\w*",
    r"post(?:s|ed|ing)?",
)
_CHIPS_TRADE = re.compile(
    r"\b(?:licen[cs]e|permit|export|transfer|locat\w+|track\w*|custom\w+|verif\w+|prohibit)\w*\b"
)


_NO_ACT = re.compile(
    r"^ ?(?:be )?(?:held |found |civilly )*(?:liable|construed|required|apply|considered"
    r"|deemed|relieve|affect|limit|preclude|preempt|diminish|supersede|impair)"
)


def of_chips(said: Statement, subject: Subject) -> Verdict | None:
    """Machines sold, exported or rented out: a trade's conduct."""
    if not subject.is_chip_trade(said.clean, said.heading) or said.force is Force.NONE:
        return None
    if said.force is Force.DUTY and any(pattern.search(said.act) for pattern, _ in SWITCHES):
        return None  # a switch in a machine stops the models on it
    if said.force is Force.MAY or re.search(r"\breport|\bstudy|\bshall not apply\b", said.act[:60]):
        return None
    if (
        said.binds
        or (said.actor is Actor.GOVERNMENT and re.match(r"^ ?(?:require|prohibit|deny)", said.act))
    ) and _CHIPS_TRADE.search(said.clean):
        return Verdict(Label.USE, "It is about machines that are sold or rented out.")
    return None


def punished(said: Statement, subject: Subject) -> Verdict | None:
    """An offence, a penalty, a liability, where the words tell which act it is for."""
    if not _PUNISHES.search(said.words):
        return None
    act = _NAMED_ACT.search(said.words)
    if act and subject.is_tool(said.words) and not HARMS.search(said.words):
        return _by_number(said, names_act=True)
    around = f"{said.words} {said.heading}"
    if HARMS.search(_BY_NUMBER.sub(" ", around)) or INTENT.search(said.act):
        return Verdict(Label.USE, "It punishes a harmful act, or says who answers for it.")
    return _by_number(said) if _BY_NUMBER.search(said.words) else None


def _by_number(said: Statement, *, names_act: bool = False) -> Verdict:
    return Verdict(
        Label.NEUTRAL,
        "A penalty that names its act only by number, for red lines, reports or papers.",
        depends_on=tuple(found[0] for found in _POINTS.finditer(said.words)) or ("this act",),
        penalty=True,
        names_act=names_act,
    )


def harmful(said: Statement, subject: Subject) -> Verdict | None:
    """It forbids a harmful act, or a tool made for one."""
    del subject
    if said.force is not Force.BAN or said.actor is Actor.PAPER:
        return None
    if said.actor is Actor.GOVERNMENT and not TOOL_ACTS.search(said.act[:60]):
        return None
    if _NO_ACT.match(said.act):
        return None
    around = f"{said.words} {said.heading}"
    trade = said.actor is not Actor.GOVERNMENT and CONDUCT.search(around)
    if HARMS.search(around) or INTENT.search(said.act) or trade:
        return Verdict(Label.USE, "It forbids a harmful act or purpose, and not the tool.")
    return None


def papers_first(said: Statement, subject: Subject) -> Verdict | None:
    """`… before publishing a report`: nobody's leave is needed, and no result must be reached."""
    if said.force is not Force.BAN or not subject.is_tool(said.words):
        return None
    gate = GATE.search(said.clean, said.act_from)
    if gate is None or _PAPERS.search(said.clean[gate.end() : gate.end() + 90]) is None:
        return None
    return Verdict(Label.NEUTRAL, "It may be done once something is published or told.")


def barred(said: Statement, subject: Subject) -> Verdict | None:
    """Whatever else people may not do with or by models is how a trade has to behave."""
    if said.force is not Force.BAN or said.actor is not Actor.ANYONE or _NO_ACT.match(said.act):
        return None
    if not subject.is_tool(said.words) or _place(_DISCLOSES, said.act[:80]) < 80:
        return None
    return Verdict(Label.USE, "It forbids people an act in their trade.")


def conducts(said: Statement, subject: Subject) -> Verdict | None:
    """How those in a trade have to work: security, care, consent, deletion, the young."""
    if said.force is not Force.DUTY or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    told = _place(_DISCLOSES, said.act)
    if _place(CONDUCT, said.act) < told:
        return Verdict(Label.USE, "It says how those in the trade have to work.")
    if _place(HARMS, said.act[:200]) < told and (subject.is_tool(said.words) or said.who):
        return Verdict(Label.USE, "It lays a duty on the trade against a harm.")
    return None


def _place(table: re.Pattern[str], said: str) -> float:
    found = table.search(said)
    return found.start() if found else float("inf")
