"""What secures having, running, making or sharing models."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import TOOL_ACTS
from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.leave_words import LEAVE
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict
from freehold.civic.clauses.wording import words

CONSTRUED = re.compile(
    r"\bnothing (?:in|contained in|under) (?:this|the|any|such"
    r"|that)\b[^.;]{0,200}?\b(?:shall|may|is|can|should)\b"
    r"[^.;]{0,30}?\b(?:be )?(?:construed|interpreted|deemed|read|intended|require[sd]?"
    r"|prevents?|prohibits?|limits?|authorizes?)\b"
    r"|\bno (?:law|provision|part|section|rule)\b[^.;]{0,80}?\b(?:shall|may) be "
    r"(?:construed|interpreted|read)\b"
    r"|\b(?:shall|may|must) not be (?:construed|interpreted|read|deemed)\b"
)
_SPARES_LAWS = re.compile(
    r"\b(?:construed|interpreted) (?:to|as) (?:prohibit|pre-?empt|limit|prevent|affect|restrict"
    r"|supersede"
    r"|diminish|alter)\w*(?:,? (?:or |and )?\w+,?){0,3}? (?:the )?(?:enforcement|authority|powers?"
    r"|an? state|any state|states|application|other (?:law|provision))\b"
)
_RIGHT = re.compile(
    r"\b(?:fundamental|inherent|natural|essential|inalienable|constitutional)? ?rights? "
    r"(?:to|of)[^.;]{0,60}?"
    r"\b(?:compute|own|possess|acquire|use|make use|access|develop|run|operate|share"
    r"|publish|privately)\b"
    r"|\bright to comput\w+|\bfree(?:dom)? to (?:own|use|develop|run|possess|acquire"
    r"|share|publish)\b|\bshall have the right to\b"
)
_NEAR = 90
"""Characters after the right's verb in which it must be said what it is a right to."""
_OTHER_RIGHTS = re.compile(
    r"\b(?:likeness|voices?|images?|copyright\w*|works?|data|information|notice|explanation|appeal"
    r"|opt out|human review|trademarks?|publicity|refus\w+|counsel|replicas?)\b"
)
_TEST = re.compile(
    r"\b(?:restrict\w*|burden\w*|limit\w*|regulat\w+|prohibit\w*|infring\w+)\b[^.;]{0,260}?"
    r"\b(?:narrowly tailored|compelling (?:government\w*|state)? ?interest|strict "
    r"scrutiny|demonstrably necessary|least restrictive)"
)
_HINDERS = words(
    r"restrict\w*",
    r"prohibit\w*",
    r"ban(?:s|ned)?",
    r"regulat\w+",
    r"limit\w*",
    r"infring\w+",
    r"burden\w*",
    r"prevent\w*",
    r"enforce\w*",
    r"abridge\w*",
    r"require\w*",
    r"impos\w+",
    r"den(?:y|ies)",
    r"interfer\w+",
    r"impair\w*",
    r"condition(?:s|ed|ing)?",
)
_FREELY = re.compile(
    r"\bwithout (?:any )?(?:notice to|leave of|the leave|asking|restriction|limitation|hindrance"
    r"|having to |the need |(?:a |any |prior )?"
    r"(?:licen[cs]e|permit|registration|approval|permission))"
)
_NONE_NEEDED = re.compile(
    r"\bdo(?:es)? not require\b[^.;]{0,60}?\b(?:licen[cs]e|permit|registration|approval"
    r"|certificate)\b|\bno (?:\w+,? ){0,5}?(?:licen[cs]e|permit|registration|approval|certificate"
    r"|authorization)\b[^.;]{0,60}?"
    r"\b(?:is|shall be|may be) (?:required|necessary|needed|demanded)\b"
    r"|\bno (?:[\w-]+ ){1,5}?(?:shall|may|is|are|will) (?:be )?(?:required|obliged|compelled) to"
    r" (?:obtain|hold|have|seek|register|apply|be (?:licensed|certified|registered))"
    r"|\b(?:is|are|shall) not (?:be )?required to (?:obtain|hold|have|seek|register|apply"
    r"|be licensed)\b"
)
_OPEN = words(
    r"open[- ](?:source|weights?|models?)",
    r"free and open",
    r"openly (?:released|available|licensed)",
    r"publicly available",
    r"published",
    r"available to the public",
    r"free of charge|without payment",
    r"personal(?:,? (?:family|household))?(?: or household)? (?:use|purposes?)",
    r"private(?:ly)?(?: use)?",
    r"non-?commercial",
    r"hobby\w*",
    r"locally",
    r"own (?:device|hardware|computer|premises)",
    r"home",
    r"academic(?: research)?",
    r"research(?:ers?)?",
    r"lawful (?:use|purposes?)",
)
_EXEMPT = re.compile(
    r"\bnothing in this \w+ (?:shall|may) apply to\b|\b(?:shall|does|do|may|will) not "
    r"(?:(?:apply|extend) to|bind|be (?:applied to|treated as|imposed on|extended to))\b|\b(?:is"
    r"|are|shall be) exempt\w*\b|\bnot (?:be )?subject to\b"
    r"|\b(?:is|are|shall) not (?:be )?required to\b"
)
_REACHES = re.compile(r"^ ?(?:apply|extend) to\b")
_LEFT_ALONE = re.compile(
    r"^ ?(?:be )?(?:\w+ly )?(?:restricted|prohibited|banned|infringed|abridged|denied"
    r"|burdened|hindered)"
)
_NOT_LIABLE = re.compile(
    r"\bactions? (?:may|shall) not be (?:brought|maintained)\b|"
    r"\b(?:not|nor) (?:be )?(?:held |found |subject to )?(?:civilly |criminally )?liab\w+"
    r"|\bno (?:civil |criminal )?liability\b"
    r"|\bimmun(?:e|ity)\b|\bno (?:cause|private right) of action (?:shall|may) (?:lie|be "
    r"brought) against|\bmay not bring (?:an action|suit|charges)\b"
)
_OWNING = re.compile(
    r"\b(?:solely|merely|only|simply)\b[^.;]{0,60}\b(?:own|develop|creat|possess|mak"
    r"|provid|releas|publish|distribut|us)\w*"
    r"|\b(?:acts?|conduct|use|misuse) (?:of|by) (?:a |any |another )?(?:third|other|user|another)"
    r"|\banother person uses?\b|\bby (?:a |any )?third part(?:y|ies)\b|\b(?:developers?"
    r"|creators?|owners?)\b[^.;]{0,160}\b(?:third|another)\b|\bthat has not been deployed\b"
)


def not_construed(said: Statement, subject: Subject) -> Verdict | None:
    """`Nothing in this Act shall be construed to …` turns what follows round."""
    turned = CONSTRUED.search(said.words)
    if turned is None:
        return None
    rest = said.clean[turned.start() :]
    demands = any(table.search(rest) for table in LEAVE.values())
    hinders = _HINDERS.search(rest) is not None
    if _SPARES_LAWS.search(rest):
        return Verdict(Label.NEUTRAL, "It leaves laws or authorities as they are.")
    about = subject.is_tool(rest) or (demands and subject.title_is_tool)
    if (
        about
        and (demands or hinders)
        and (demands or TOOL_ACTS.search(rest[turned.end() - turned.start() :]))
    ) and (
        not re.search(
            r"\b(?:state|other|federal|existing) (?:law|regulation|statute)s?\b", rest[:400]
        )
        or demands
    ):
        return Verdict(
            Label.PROTECTS, "It says that the law must not be read as hindering that act."
        )
    return Verdict(Label.NEUTRAL, "It only says how the law is not to be read.")


def is_right(said: Statement, subject: Subject) -> Verdict | None:
    """It declares a right to compute or to have models, or tests what may restrict one."""
    if not subject.is_tool(said.words):
        return None
    if _TEST.search(said.words):
        return Verdict(
            Label.PROTECTS, "It limits how government may restrict owning or using them."
        )
    if _says_otherwise(said):
        return None
    for right in _RIGHT.finditer(said.words):
        what = said.words[right.start() : right.end() + _NEAR]
        if subject.is_tool(what) and not _OTHER_RIGHTS.search(what):
            return Verdict(Label.PROTECTS, "It declares a right to own or use them.")
    return None


def _says_otherwise(said: Statement) -> bool:
    return bool(
        re.search(
            r"\bmay be cited as\b|\bmay not (?:own|possess|use)|\bestablishes the\b|\bshort "
            r"title\b|\bact\b[^.]{0,12}$",
            said.own,
        )
    )


def binds_government(said: Statement, subject: Subject) -> Verdict | None:
    """A government may not restrict, license or ban."""
    if said.force is not Force.BAN:
        return None
    if _LEFT_ALONE.match(said.act) and TOOL_ACTS.search(said.who) and subject.is_tool(said.who):
        return Verdict(Label.PROTECTS, "It says that having or using them may not be restricted.")
    if _LEFT_ALONE.match(said.act) and said.actor is Actor.ANYONE and subject.is_tool(said.act):
        return Verdict(Label.PROTECTS, "It says that nobody may be kept from having or using them.")
    if said.actor is not Actor.GOVERNMENT:
        return None
    if not _HINDERS.search(said.act[:100]) or not subject.is_tool(said.words):
        return None
    if TOOL_ACTS.search(said.act) or re.search(r"\b(?:law|regulation|ordinance|rule)\b", said.act):
        return Verdict(Label.PROTECTS, "It keeps governments from restricting models.")
    return None


def needs_no_leave(said: Statement, subject: Subject) -> Verdict | None:
    """`No license shall be required to …`, `may run … without restriction`."""
    if not subject.is_tool(said.words) or not TOOL_ACTS.search(said.words):
        return None
    free = said.force is Force.MAY and said.actor is Actor.ANYONE and _FREELY.search(said.act)
    if free or _NONE_NEEDED.search(said.words):
        return Verdict(Label.PROTECTS, "It says that nobody's leave is needed.")
    return None


def exempts(said: Statement, subject: Subject) -> Verdict | None:
    """Open models, personal use, research: they are taken out of what the law demands."""
    exempt = _EXEMPT.search(said.words)
    if exempt is None:
        return None
    if not _OPEN.search(said.words):
        leaves_out = said.force is Force.BAN and _REACHES.match(said.act)
        return Verdict(Label.NEUTRAL, "It says whom the law leaves out.") if leaves_out else None
    if subject.is_tool(said.words) or subject.title_is_tool:
        return Verdict(Label.PROTECTS, "It takes open models or private use out of the law.")
    return None


def not_liable(said: Statement, subject: Subject) -> Verdict | None:
    """Nobody answers for merely having made or shared a tool, or for what others do with it."""
    if not _NOT_LIABLE.search(said.words) or not _OWNING.search(said.words):
        return None
    if subject.is_tool(said.words):
        return Verdict(Label.PROTECTS, "It keeps owners and makers free of blame for others' acts.")
    return None
