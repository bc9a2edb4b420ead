"""A means to stop models or the machines of others, a way in, or no weights for anybody."""

from __future__ import annotations

import re

from freehold.civic.clauses.finding import RedLine
from freehold.civic.clauses.leave_words import OFFICE
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red

_BUILD = (
    r"\b(?:implement|includ|incorporat|build|maintain|install|have|hav|possess|provid"
    r"|equip|develop|creat|design|ensur|retain|contain|adopt|embed|enabl|furnish|fit|put in place|"
    r"establish|integrat|add|deploy)\w*\b"
)
_OFF = (
    r"(?:(?:full |immediate |emergency |remote )?shut ?-?downs?\b|shut(?:ting)? (?:\w+ "
    r"){0,4}(?:down|off)"
    r"|shut-?offs?|emergency stops?|(?:rendered|made|render|make) (?:\w+ ){0,2}(?:inoperable|inert"
    r"|inactive|unusable)|power(?:ed|ing)? (?:\w+ ){0,3}?(?:down|off)|ceases? to (?:function"
    r"|operate|work)"
    r"|switch(?:ed)? off|turn(?:ed)? off|remote (?:disablement|deactivation|termination|control)"
    r"|(?:immediate|complete|remote)(?: and \w+)? deactivation|termination (?:code|command"
    r"|signal)s?"
    r"|(?:technical |manual |emergency )override|self-destruct|stops? working|ceases? functioning"
    r"|(?:can|may) be (?:interrupted|halted|stopped|suspended|terminated)"
    r"|(?:capability|ability|mechanism|means|control|function)\b[^.;]{0,60}?\b(?:by|with|through)"
    r" which[^.;]{0,60}?(?:disabl|deactivat|terminat|suspend|stop|switch|halt|end)\w*"
    r"|disable copies|(?:suspend|end|stop|halt|terminat|interrupt)\w* (?:the )?(?:execution"
    r"|operation"
    r"|running|workloads?|inference)|brought to a (?:stop|halt|standstill)|ceases? to (?:produce"
    r"|respond|run)|recall notice|(?:kill|off)[- ]?switch\w*"
    r"|remote(?:ly)? (?:\w+ ){0,3}?(?:disabl|deactivat|terminat|stop)\w*"
    r"|(?:de-?activation|termination|disabling|interrupt) (?:switch|mechanism|feature|function)"
    r"|(?:capability|ability|mechanism|means|method|function|control) (?:to|for|of|by"
    r" which)[^.;]{0,60}?"
    r"(?:disabl\w*|deactivat\w*|terminat\w*|halt\w*|ceas\w*|stop\w*|(?:turn|switch)\w* "
    r"(?:\w+ )?off))"
)
_SHUTDOWN = re.compile(
    _BUILD
    + r"[^.;]{0,140}?\b"
    + _OFF
    + r"|^[^.;]{0,80}?\b(?:enact|effect|carry out|perform|execute) (?:an? |the )?"
    r"(?:\w+ )?shut-? ?down"
)
_ORDERED_OFF = re.compile(
    r"^ ?(?:\w+ly )?(?:order|direct|cause|require|command|instruct|compel)\b[^.;]{0,140}?"
    r"\b(?:disabled?|deactivat\w*|shut (?:\w+ )?(?:down|off)|(?:turn|switch|power)(?:ed)? (?:off"
    r"|down)|power (?:\w+ )?down|cease (?:the )?(?:operation|operating|running)|rendered inoperable"
    r"|deleted?|erased?)\b"
)
_BACK_DOOR = re.compile(
    _BUILD + r"[^.;]{0,140}?\b(?:back ?-?doors?|exceptional access|lawful access|means of access"
    r"|remote access|credentials (?:by|with) which|(?:obtain|read|intercept|inspect) (?:the )?"
    r"(?:\w+ )?(?:content|prompts|conversations|sessions)|"
    r"(?:law enforcement|police|the government|the agency|the secretary|the ministry)\b[^.;]{0,80}?"
    r"\b(?:may|can|to) (?:at any (?:time|hour) )?(?:access|enter|obtain|inspect|observe|intercept)|"
    r"enabling the government,?(?: [^.;,]{1,60},)? to (?:intercept|access|obtain|decrypt)|"
    r"(?:interception|decryption) capabilit(?:y|ies)|"
    r"capabilit(?:y|ies) to (?:\w+ ){0,3}?(?:intercept|decrypt)\w*|"
    r"(?:access|decrypt\w*) (?:\w+ ){0,3}?(?:by|for|to) (?:the )?(?:government|law "
    r"enforcement|attorney general|secretary|agency|department|commission))"
)
_ABLE = re.compile(
    rf"\b(?:arrangements?|channels?|interfaces?|means|credentials|access)\b[^.;]{{0,140}}?\b{OFFICE}\b"
    r"[^.;]{0,30}?\b(?:may|can|is able|to|shall be able)\b[^.;]{0,80}?"
    r"\b(?:suspend|interrupt|stop|halt|disable|shut|observe|access|inspect|terminate|examine|enter|operate)\w*"
)
_ABOUT_PLANS = re.compile(
    r"\bdescrib\w+|\bconditions under which\b|\btake into account\b|\bpolic(?:y|ies) "
    r"(?:on|for|regarding)\b|\btraining of (?:personnel|employees)\b|\bsubvert\w*|\bprotocol that\b"
)
_OWN_HOUSE = re.compile(r"\bagenc(?:y|ies)\b|\bown networks?\b")
"""What governments do on their own machines."""
_PURPOSE = re.compile(
    r"\b(?:users?|consumers?|individuals?) (?:with )?(?:an?|the) (?:\w+ ){0,2}?(?:option|choice)|"
    r"\bminors?\b|\bparent\w*\b|"
    r"\bcritical infrastructure facilit|\bcontrolled (?:in whole or in part "
    r")?by\b[^.;]{0,60}critical"
)
_THROUGH = re.compile(
    r"\b(?:only|solely|exclusively)\b[^.;]{0,60}?\b(?:through|via|by means of|by way of|on|using"
    r"|from|by|in)\b[^.;]{0,60}?"
    r"\b(?:application programming interfaces?|apis?|hosted|cloud|provider'?s?|licensed "
    r"(?:platform|service)|remote|web ?site|data cent(?:er|re)s?|interface|servers?|facilit(?:y"
    r"|ies))\b"
)
_HELD = re.compile(
    r"\bhosted (?:in|on|at) (?:an? )?(?:\w+ )?(?:facility|data cent(?:er|re)|server)s?"
    r" (?:controlled|owned|operated) by\b|\b(?:from|on) servers under the control of\b"
    r"|\bexclusive (?:control|custody|possession)\b|\bconfined to (?:\w+ ){0,3}?(?:facilit|server"
    r"|data)\w*"
    r"|\b(?:remain|kept|stay|held)\b[^.;]{0,40}? on (?:equipment|servers|machines) (?:which|that)"
    r" the (?:supplier|provider|developer) controls"
)
_AT_HOME = re.compile(
    r"\b(?:locally|on-device|on (?:an?|the|their|his or her|any) (?:\w+ )?(?:personal|own|home"
    r"|private|consumer|end-user)[- ](?:\w+ )?(?:device|computer|hardware|equipment)s?"
    r"|outside (?:of )?(?:an?|the) (?:\w+ ){0,3}?(?:data cent(?:er|re)|facility|cloud|server))\b"
)
_COPIES = re.compile(
    r"\b(?:no cop(?:y|ies)|cop(?:y|ies) (?:of|shall|may))\b[^.;]{0,100}?"
    r"\b(?:deliver|transfer|giv|distribut|releas|provid|made available)\w*"
)
_WEIGHTS = re.compile(
    r"\b(?:releas|possess|keep|hold|stor|download|publish|mak|distribut|disclos|post|shar"
    r"|upload|provid|offer|open)\w*\b[^.;]{0,140}?"
    r"\b(?:model weights?|weights|parameters|public domain|open[- ]?(?:source|weights?|ly)"
    r"|download\w*|publicly "
    r"available)\b|\bopen[- ]?(?:source|weights?)\b[^.;]{0,80}\b(?:releas|publish|distribut)\w*"
)
_STOLEN = re.compile(
    r"\bunauthori[sz]ed|\bsecur(?:e|ity)|\btheft|\bstolen|\bconfidential|\btrade secret"
    r"|\bredact|\bpersonal (?:data|information)|\breport\b|\bstatement\b"
)
_ELSEWHERE = re.compile(r"\b(?:notice|disclos|request|report|payment|complaint|consent|opt)\w*\b")
_MEANT = re.compile(r"\bintent|\bknowing|\bpurpose|\bprimarily designed")
_SOME = re.compile(r"\bunder (?:the age of )?(?:\d|eighteen|sixteen)|\bminors?\b|\bin a manner\b")
"""Not to some, or not so: no ban on giving them."""
_UNLESS = re.compile(r"\b(?:unless|without|until|not)\b")
_TAMPERS = re.compile(
    r"\b(?:remov|disabl|defeat|bypass|circumvent|tamper|evad"
    r"|disconnect)\w*\b[^.;]{0,60}?\b(?:shut-? ?down|shut-?off|kill"
    r"|termination|recall|stop|deactivation|disabling|interrupt|remote)\b[^.;]{0,30}?\b(?:mechanism|function|switch|capability"
    r"|feature|code|interface|control)s?\b"
)
SWITCHES = (
    (_SHUTDOWN, "A means to stop it, or the machines that run it, must be built in."),
    (_BACK_DOOR, "A way in for an authority must be built in."),
    (_ABLE, "An authority must be let in, or able to stop it."),
)


def switched_off(said: Statement, subject: Subject) -> Verdict | None:
    """A switch or a way in must be built."""
    if not said.binds or _PURPOSE.search(said.words):
        return None
    about = f"{said.words} {said.heading} {subject.title}"
    if not subject.is_tool(about) and not subject.is_chip(about) and "shutdown" not in said.act:
        return None
    if said.force is Force.BAN and _TAMPERS.search(said.words):
        return red(RedLine.SHUTDOWN, "The means to stop it may not be taken out.")
    for pattern, because in SWITCHES:
        found = pattern.search(said.act)
        if found is None or found.start() >= 90:
            continue
        if said.force is Force.BAN and not _UNLESS.search(said.act[: found.start()]):
            continue
        if not _ABOUT_PLANS.search(said.act[: found.end()]):
            return red(RedLine.SHUTDOWN, because)
    return None


def ordered_off(said: Statement, subject: Subject) -> Verdict | None:
    """An authority may have models disabled or erased where they run."""
    if not said.empowers:
        return None
    if not subject.is_tool(said.act) or not _ORDERED_OFF.match(said.act):
        return None
    if _OWN_HOUSE.search(said.act):
        return None
    if _PURPOSE.search(said.words) or re.search(r"\b(?:data|information|records?)\b", said.act):
        return None
    return red(RedLine.SHUTDOWN, "An authority may have it switched off or erased.")


def only_hosted(said: Statement, subject: Subject) -> Verdict | None:
    """Only as somebody's service, or never the weights."""
    if said.actor in (Actor.GOVERNMENT, Actor.PAPER) or not subject.is_tool(said.words):
        return None
    if said.force is Force.DUTY and _HELD.search(said.act):
        return red(RedLine.CLOUD_ONLY, "It may be had only as its maker's service.")
    through = _THROUGH.search(said.act)
    if said.force is not Force.NONE and through is not None and said.does():
        if not _ELSEWHERE.search(said.act[: through.end()]):
            return red(RedLine.CLOUD_ONLY, "It may be used only through a provider's service.")
        return None
    bans_running = said.force is Force.BAN and said.does(0, 80) and _AT_HOME.search(said.act)
    if bans_running and not _ELSEWHERE.search(said.act) and not _MEANT.search(said.act):
        return red(RedLine.CLOUD_ONLY, "It may not be run on one's own machine.")
    weights = _WEIGHTS.search(said.act)
    if said.force is not Force.BAN or weights is None or weights.start() >= 80:
        return None
    if _STOLEN.search(said.words) or _MEANT.search(said.words) or _SOME.search(said.act):
        return None
    return red(RedLine.CLOUD_ONLY, "The weights may not be given to the public.")
