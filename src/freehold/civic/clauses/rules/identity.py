"""An account, an oath, or proof of who one is, before a model may be used."""

from __future__ import annotations

import re

from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red

_EVERYBODY = re.compile(
    r"\b(?:each|every|any|all|an|a|the|such|prospective|new|no) (?:\w+ ){0,2}?(?:individuals?"
    r"|users?|persons?|people|consumers?|customers?|accounts?|members? of the public|holders?)\b"
    r"|\busers?\b|\bthe individual\b"
)
_WHO = re.compile(
    r"\b(?:creat|mak|open|hold|ha(?:s|ve)|set up|obtain|establish|verified)\w*\b[^.;]{0,30}?"
    r"\b(?<!into )accounts?\b(?! of\b)"
    r"|\boath\b|\baffirm(?:s|ed|ation)?\b|\bunder penalty of perjury\b|\blog[- ]?in\b"
    r"|\bidentit\w+ (?:has|have|is|are) (?:not )?(?:been )?verif"
    r"|\bverif\w+[^.;]{0,60}\b(?:age|identity|identities|identification)\b"
    r"|\b(?:age|identity)[- ](?:verification|assurance|data|verified)\b"
    r"|\bproof of (?:the )?(?:[\w']+ )?(?:age|identity)\b|\bgovernment-issued identification\b"
    r"|\breal names?\b"
    r"|\bidentify (?:himself|themsel\w+|itself)\b|\bidentified by (?:\w+ ){0,3}?name\b"
    r"|\bauthenticat\w+|\bverified (?:user )?accounts?\b|\b(?:real|true|legal) (?:identit\w+|name)"
    r"|\bestablish\w* (?:his|her|their|the user's|\W)+[^.;]{0,20}identity\b|\bsign(?:ed|s)? in\b"
    r"|\b(?:birth ?date|date of birth)\b|\bage[- ]signal\b|\b(?:user|individual|customer) "
    r"(?:identification|registration)\b|\bgovernment-issued\b|\bproof of (?:his|her|their)\b"
    r"|\bage data\b|\bphone numbers?\b|\bregister with (?:his|her|their)\b"
    r"|\b(?:verify|verified|confirm\w*|establish\w*|ascertain\w*|prove|proven|proved)\b[^.;]{0,50}"
    r"\b(?:identity|age)\b"
)
_YOUNG = re.compile(r"\b(?:minors?|child(?:ren)?|teens?|under (?:the age of )?\d+|younger than)\b")
_EACH = re.compile(
    r"\b(?:minors?|child) or (?:an )?adults?\b|"
    r"\b(?:each|every|all|any) (?:\w+ ){0,2}?(?:individual|user|person|consumer|account)s?\b"
)
_DEMANDS = re.compile(
    r"\brequire\b|\bverify\b|\brequest\b|\bcreate an account\b|\bmake (?:a |an )?\w* "
    r"?account\b|\bobtain\b|\breview\b|\bsubmit\b|\bcollect\b|\bimplement\b|\bestablish\b"
    r"|\bensure\b|\bprovid\w+|\bswear\b|\btake\b|\bprovides?\b"
    r"|\b(?:must|shall) (?:affirm|swear|attest)\b|\bprompt\b|\blimit access\b|\bbe identified\b"
    r"|\bidentify\b|\bauthenticate\b|\bcause\b|\bask\b|\bgrant access only\b|\bfreeze\b"
)
_USING = re.compile(
    r"\b(?:users? of|accounts?|submit\w*|requests?|accounts? (?:for|with|on)|us(?:e|es|ing)"
    r"|access(?:es|ing)?"
    r"|interact(?:s|ing)?|respond(?:s|ing)?|convers(?:e|es|ing)|operat(?:e|es|ing)"
    r"|(?:before|until) [^.;]{0,30}access|services? (?:to|for)|accessible|available"
    r"|download(?:s|ing)?|engag(?:e|ing)|open(?:s|ing)?|generat\w+|functionality|compliance)\b"
)
_PARENTS = re.compile(r"\bparent\w*\b|\bknows? (?:or should know )?(?:that )?\w* ?is a minor")
_UNLESS = re.compile(
    r"\b(?:unless|until|without|before|unverified|do(?:es)? not provide"
    r"|not (?:been|yet|first|done|created|made|provided|verified))\b"
)
_WHERE_NOT = re.compile(
    r"(?:where|if) (?:an? |the )?(?:user|person|individual|customer|consumer)s? do(?:es)? not\b"
)
_TRADE = re.compile(
    r"\bcomput\w+ (?:cluster|resource|provider|service)|\binfrastructure as a service\b"
    r"|\bbank|\bfinancial institution"
)
_DATA = re.compile(
    r"\b(?:protect|security|retain|retention|encrypt|delet|breach|unauthori[sz]ed|share "
    r"with|minimal)\w*"
)


def identified(said: Statement, subject: Subject) -> Verdict | None:
    """Everyone must have an account, swear, or show who they are before use."""
    if said.actor in (Actor.GOVERNMENT, Actor.PAPER) or not subject.concerns(
        f"{said.words} {said.heading}"
    ):
        return None
    if said.force not in (Force.DUTY, Force.BAN) or _TRADE.search(said.words):
        return None
    act = said.words if _WHERE_NOT.match(said.words) else said.words[said.act_from :]
    demands = said.force is Force.BAN or _DEMANDS.search(act) or _EVERYBODY.search(said.who)
    if not _WHO.search(act) or not demands or not _EVERYBODY.search(said.words):
        return None
    if _PARENTS.search(said.words) or _DATA.search(act[:160]) or not _USING.search(said.words):
        return None
    if asks_the_young_alone(said.words):
        return None
    if said.force is Force.BAN and not _UNLESS.search(said.words):
        return None
    return red(
        RedLine.REGISTRATION, "Everyone must have an account, or show who they are, before use."
    )


def asks_the_young_alone(words: str) -> bool:
    """Whether minors are spoken of, and nobody else."""
    return _YOUNG.search(words) is not None and _EACH.search(words) is None
