"""A means to stop models or the machines of others, a way in, or no weights for anybody."""

from __future__ import annotations

import re

from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red

_BUILD = (
    r"\b(?:implement|includ|incorporat|build|maintain|install|have|hav|possess|provid|equip|develop|creat|design|ensur|retain|contain|adopt|embed|enabl|"
    r"establish|integrat|add|deploy)\w*\b"
)
_SHUTDOWN = re.compile(
    _BUILD + r"[^.;]{0,140}?\b(?:(?:full |immediate |emergency |remote )?shut ?-?downs?\b|shut(?:ting)? (?:\w+ ){0,4}(?:down|off)|"
    r"kill[- ]?switch\w*|off[- ]?switch\w*|remote(?:ly)? (?:\w+ ){0,3}?(?:disabl|deactivat|terminat|stop)\w*|"
    r"(?:capability|ability|mechanism|means|method|function) (?:to|for|of|by which)[^.;]{0,60}?(?:disabl|deactivat|terminat|halt|ceas|stop)\w*)"
)
_BACK_DOOR = re.compile(
    _BUILD + r"[^.;]{0,140}?\b(?:back ?-?doors?|exceptional access|lawful access|means of access|remote access|"
    r"(?:access|decrypt\w*) (?:\w+ ){0,3}?(?:by|for|to) (?:the )?(?:government|law enforcement|attorney general|secretary|agency|department|commission))"
)
_ABOUT_PLANS = re.compile(
    r"\bdescrib\w+|\bconditions under which\b|\btake into account\b|\bpolic(?:y|ies) (?:on|for|regarding)\b|\btraining of (?:personnel|employees)\b|\bsubvert\w*|\bprotocol that\b"
)
_PURPOSE = re.compile(r"\bcritical infrastructure facilit|\bcontrolled (?:in whole or in part )?by\b[^.;]{0,60}critical")
_THROUGH = re.compile(
    r"\b(?:only|solely|exclusively)\b[^.;]{0,60}?\b(?:through|via|by means of|on|using|from|by)\b[^.;]{0,60}?"
    r"\b(?:application programming interfaces?|apis?|hosted|cloud|provider'?s?|licensed (?:platform|service)|remote|web ?site|data cent(?:er|re)s?|interface)\b"
)
_WEIGHTS = re.compile(
    r"\b(?:releas|publish|mak|distribut|disclos|post|shar|upload|provid|offer)\w*\b[^.;]{0,140}?"
    r"\b(?:model weights?|weights|open[- ]?(?:source|weights?|ly)|download\w*|publicly available)\b|\bopen[- ]?(?:source|weights?)\b[^.;]{0,80}\b(?:releas|publish|distribut)\w*"
)
_STOLEN = re.compile(r"\bunauthori[sz]ed|\bsecur(?:e|ity)|\btheft|\bstolen|\bconfidential|\btrade secret|\bredact|\bpersonal (?:data|information)|\breport\b|\bstatement\b")


def switched_off(said: Statement, subject: Subject) -> Verdict | None:
    """A switch or a way in must be built."""
    if said.force is not Force.DUTY or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    if not (subject.is_tool(said.words) or subject.is_tool(said.heading) or subject.title_is_tool or "shutdown" in said.act):
        return None
    act = said.act
    for pattern, because in (
        (_SHUTDOWN, "A means to stop it, or the machines that run it, must be built in."),
        (_BACK_DOOR, "A way in for an authority must be built in."),
    ):
        found = pattern.search(act)
        if found is not None and found.start() < 90 and not _ABOUT_PLANS.search(act[: found.end()]):
            if not _PURPOSE.search(said.words):
                return red(RedLine.SHUTDOWN, because)
    return None


def only_hosted(said: Statement, subject: Subject) -> Verdict | None:
    """Only as somebody's service, or never the weights."""
    if said.actor in (Actor.GOVERNMENT, Actor.PAPER) or not subject.is_tool(said.words):
        return None
    through = _THROUGH.search(said.act)
    if said.force in (Force.DUTY, Force.BAN, Force.MAY) and through is not None and said.does():
        if not re.search(r"\b(?:notice|disclos|request|report|payment|complaint|consent|opt)\w*\b", said.act[: through.end()]):
            return red(RedLine.CLOUD_ONLY, "It may be used only through a provider's service.")
    weights = _WEIGHTS.search(said.act)
    if said.force is Force.BAN and weights is not None and weights.start() < 80:
        if not _STOLEN.search(said.words) and not re.search(r"\bintent|\bknowing|\bpurpose|\bprimarily designed", said.act):
            return red(RedLine.CLOUD_ONLY, "The weights may not be given to the public.")
    return None
