"""Models that may not cross a border, or come from one country; and kinds nobody may have."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import HARMS, INTENT
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import MODEL
from freehold.civic.clauses.verdict import Verdict, red

_CROSS = re.compile(
    r"\b(?:(?:bring|brought|introduc|carr|tak)\w*(?: [^.;]{1,80})? (?:in)?to (?:the |this"
    r" )?(?:united states|country|state"
    r"|territory|canada|australia|india|kingdom|republic|union)|(?:enter|leav)(?:s|e|es|ing)?"
    r" (?:the )?(?:jurisdiction|territory|united states|canada|australia|india"
    r"|country|commonwealth)|(?:taken|sent|moved|transmitted) (?:out of|outside|beyond) the "
    r"(?:united states|country|territory|jurisdiction)|denied entry|exclud\w* from (?:the|this)"
    r" (?:united states|country|state)|import(?:s|ed|ing|ation)?"
    r"|(?:re-?)?export(?:s|ed|ing|ation)?|in-country "
    r"transfer)\b(?! (?:control reform|administration))"
)
_ABROAD = re.compile(
    r"\b(?:foreign adversar\w+|countr(?:y|ies) of concern|people's republic of china"
    r"|china|chinese|russia\w*|iran|north korea|deepseek|foreign (?:countr\w+|person|entity|nation"
    r"al|nation|government|buyer|recipient)s?|foreign-(?:made|developed|trained|owned)|abroad"
    r"|(?:outside|beyond) (?:of )?(?:the )?(?:united states|country|territory|canada|australia"
    r"|india|union)"
    r"|not (?:a )?part(?:y|ies) to|(?:any|third|other|certain) (?:countr(?:y|ies)|states?)(?="
    r" (?:other|that|which|not|outside))|covered (?:nation|countr)\w*)\b"
)
_SENT = re.compile(
    r"\b(?:transfer|send|sent|transmit|provid|sell|sold|disclos|releas|convey|place|carr|deliver"
    r"|shar)\w*\b[^.;]{0,100}?\b(?:to|with)\b[^.;]{0,80}?" + _ABROAD.pattern
)
_HAVE = re.compile(
    r"\b(?:own|possess|download|install|acquire|us(?:e|ing)|run|operate|deploy|carr(?:y|ies)|list|host"
    r"|distribut(?:e|ing)|sell|provid(?:e|ing)|host|access)(?:s|es|ing|ed)?\b"
)
_GOVERNMENTS = re.compile(
    r"\b(?:federal|state|public|government\w*|executive|covered|commonwealth)[- ](?:agenc(?:y|ies)"
    r"|contracts?|contractors?|devices?|employees?|funds|entit(?:y|ies)|owned|issued)\b"
    r"|\bprocur\w+|\bacquisition\b|(?<!foreign )\bgovernment\b|\bfederal funds\b|\bcontract\b"
)
_DEMAND = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:order|rule|regulation|notification), )?(?:direct|require|prohibit"
    r"|impose|restrict|control|establish)\w*\b"
)
_ONLY = re.compile(r"\bonly (?:if|when|with|after|upon|by|on|where)\b")
_NEEDS = re.compile(
    r"^ ?(?:require|be subject to|be conditioned on)\b[^.;]{0,60}\b(?:licen[cs]e|permit"
    r"|approv|auth)"
)
_AT_HOME_TOO = re.compile(r"\b(?:develop|manufactur|sell|us)(?:e|es|ing)?\b")
_STANDARDS = re.compile(
    r"\b(?:compl(?:y|ies)|conforms?|(?:in (?:accordance|conformity|compliance))) (?:with|to) "
    r"(?:the |those |such |this |all |applicable )?(?:\w+ )?(?:standards?|rules?|regulations?"
    r"|requirements?)\b"
)
_LEAVE_FOR = re.compile(
    r"\b(?:licen[cs]e|permit|authori[sz]ation|approval) (?:is|are|shall be|may (?:also )?be)"
    r" required (?:for|to) (?:the )?(?:re-?)?(?:export|import)"
)
_MODELS = re.compile(rf"{MODEL.pattern}|\bintelligence\b")
_PAPERWORK = re.compile(
    r"\breport|\bstud(?:y|ies)\b|\bassess|\brecommend|\bidentif|\banaly[sz]|\bpromot\w+"
    r"|\bfull[- ]stack\b|\bencourag\w+|\bsupport\w*"
)


def at_the_border(said: Statement, subject: Subject) -> Verdict | None:
    """Import or export of models is banned, or needs leave."""
    crossing = _CROSS.search(said.clean) or _SENT.search(said.clean)
    if crossing is None or said.force in (Force.NONE,) or subject.is_chip(said.clean):
        return None
    if not subject.is_tool(said.words) or not _MODELS.search(said.words) or INTENT.search(said.act):
        return None
    if _GOVERNMENTS.search(said.words) and said.actor is not Actor.GOVERNMENT:
        return None
    if _AT_HOME_TOO.search(said.act) and _STANDARDS.search(said.act):
        return None  # a norm for all that are made or sold, wherever they come from
    bans = said.force is Force.BAN or (said.force is Force.MAY and _ONLY.search(said.act[:200]))
    ban = bans and said.actor is not Actor.GOVERNMENT
    demand = (
        said.actor is Actor.GOVERNMENT
        and said.force is not Force.BAN
        and _DEMAND.match(said.act)
        and not _PAPERWORK.search(said.act[:160])
        and re.search(
            r"\b(?:licen[cs]e|prohibit|control|restrict|permit|authorization)\w*", said.act
        )
    )
    needs = said.actor is Actor.THING and _NEEDS.match(said.act)
    needs = needs or _LEAVE_FOR.search(said.words)
    if ban or demand or needs:
        return red(RedLine.IMPORT_EXPORT, "Models may not cross a border, or only with leave.")
    return None


def from_abroad(said: Statement, subject: Subject) -> Verdict | None:
    """Models of one country's making may not be had at all."""
    if said.force is not Force.BAN or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    if not subject.is_tool(said.words) or subject.is_chip(said.clean) or INTENT.search(said.act):
        return None
    if not _ABROAD.search(said.words) or not _HAVE.search(said.act[:160]):
        return None
    if _GOVERNMENTS.search(said.words):
        return None
    return red(RedLine.IMPORT_EXPORT, "Models of another country may not be had or used.")


def flatly_banned(said: Statement, subject: Subject) -> Verdict | None:
    """`No person may develop a model that …`, with neither harm nor leave: a rule is unsure."""
    if said.force is not Force.BAN or said.actor not in (Actor.ANYONE, Actor.THING):
        return None
    if not said.does(0, 60) or not subject.is_tool(said.act[:200]) or subject.is_chip(said.clean):
        return None
    if HARMS.search(said.words) or INTENT.search(said.act) or _GOVERNMENTS.search(said.words):
        return None
    return Verdict(
        Label.USE,
        "It forbids something with models, and names neither a harm nor anybody's leave.",
        None,
        (Label.RESTRICTS_TOOL, Label.USE, Label.NEUTRAL),
    )
