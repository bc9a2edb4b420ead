"""Leave from an authority before a tool may be made, had, run or shared."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import INTENT, TOOL_ACTS
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.leave_words import GATE, GRANTED, LEAVE
from freehold.civic.clauses.rules.about import NAMES, about_tool, leave_named
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red
from freehold.civic.clauses.wording import words

_SEEK = re.compile(
    r"^ ?(?:\w+ly )?(?:first |also |annually |each |be required to )*(?:by [^,]{0,60}, )?"
    r"(?:be |become |get |apply |obtain|secure|hold|possess|maintain|have|seek|receive"
    r"|acquire|request|regist|file|procure|renew|submit|keep|carry|bear|display|make application"
    r"|undergo|follow|complete|pass|use only|use (?:\w+ ){1,6}?(?:supplied|provided|made|issued))"
)
_DIRECT = re.compile(
    r"^ ?(?:\w+ly )?(?:first |also |annually |be required to )*(?:(?:not )?(?:be|become"
    r"|get) (?:\w+ )?)?(?:regist|licen[cs]ed|certified|approved|pre-?approved|precleared|enrol"
    r"|accredited|cleared|entered (?:in|on|into) (?:the|a))"
)
_STOPS = re.compile(
    r"[.;]| (?:that|which|who|containing|describing|including|before|prior to|in order to|after"
    r"|under|pursuant|within|not later|if|when|unless)\b"
)
_NOT_LEAVE = re.compile(
    r"\b(?:records?|reports?|cop(?:y|ies)|information|lists?|documentation|notices?|evidence"
    r"|statements? about|complaints?|comments?|fees?)\b"
)
_ONLY_BESIDE = re.compile(
    r"^ (?:information|numbers?|records?|fees?|holders?|agreements?|data|terms)\b"
)
_PARTICIPLE = re.compile(r"(?:ed|ers|approves|certifies|registers)$")
_DONE = re.compile(r"(?:complete|keep|carry|bear|display)$")
_HANDED_IN = re.compile(r"(?:submit|file|renew)$")
_CLAIMS = re.compile(
    r"^ ?(?:\w+ly )?(?:represent|claim|advertise|state|imply|indicate|suggest|market|hold .*out)\b"
    r"|\b(?:display|affix|use)\w* (?:the|a) [^.;]{0,30}?\b(?:seal|mark|logo|label)\b"
)
_LISTED = re.compile(
    r"^(?:\w+ly )?(?:be (?:included|listed|entered|recorded)|enrol+(?= (?:in|on))"
    r"|(?:enter|list|record)\b[^.;]{0,60}?) (?:in|on|with) (?:an?|the|any) (?:\w+ ){0,3}?"
    r"(?:regist(?:ry|er)|roll|list|database)\b|^(?:\w+ly )?(?:be )?enrol+(?:ed)? (?:with|on)"
    r" (?:the|an?)\b"
    r"|^(?:\w+ly )?file with [^.;]{1,90}\bnames?\b[^.;]{0,60}\b(?:address|model|system)"
    r"|^(?:\w+ly )?(?:notify|inform|give notice to|provide) [^.;]{1,60}? of (?:the |its |his "
    r"|their )?(?:\w+'s )?(?:names?|identity|possession|ownership|custody)\b"
)
_NEEDS = re.compile(
    r"^(?:\(\w{1,4}\) ?)*(?:the |any )?(?:[\w'-]+ ){0,3}?(?:development|training|operations?"
    r"|ownership|possession|use"
    r"|deployment|release|publication|distribution|sale|sharing|running)\b[^.;]{0,140}?"
    r"\b(?:requires?|shall require|(?:is|are|shall be) (?:subject to|conditioned on|contingent on"
    r"|permitted only with|allowed only with))\b[^.;]{0,60}"
)
_TO_THE_PUBLIC = words(
    r"consent of (?:the )?(?:individual|user|parent|person|subject|depicted)s?",
    r"parent(?:s|al)?",
    r"approv\w+ (?:of|from|by) (?:its|their|the (?:user|customer|individual|owner|board of))",
    r"copyright(?:s|ed)?",
    r"(?:from|by) the owners? of",
    r"(?:from|by) the (?:individual|person|subject|patient|user|author|performer|artist)s?\b",
    r"likeness(?:es)?",
)
_COMPLIANCE = re.compile(
    r"\b(?:in compliance|complie[sd]|complied|compliance|compliant|satisf\w+|met the "
    r"requirements?)\b[^.;]{0,60}?\b((?:sub)?(?:section|paragraph|division|chapter|title"
    r"|article|part)s?\b[^.;,]{0,60})"
)
_ONLY = re.compile(
    r"\b(?:only|exclusively|solely|reserved (?:to|for))\b(?! (?:for|to the extent"
    r"|as))[^.;]{0,80}?\b(?:licen[cs]ees?|licen[cs]ed"
    r"|registered|registrants?|certified|approved|accredited|authori[sz]ed by)\b"
)
_ONLY_FOR = re.compile(
    r"\b(?:only|exclusively|solely|reserved (?:to|for)|no one but|none but|other than)\b[^.;]{0,60}"
)
_REQUIRED = re.compile(
    r"^(?:\(\w{1,4}\) ?)*(?!a separate )(?:a|an|the|any|prior|no)? ?(?:\w+ ){0,3}?(?:licen[cs]e"
    r"|permit"
    r"|registration|approval|certificate|certification)"
    r"(?:(?! for which )[^.;]){0,60}?\b(?:is|are|shall be|must be) (?:required|necessary|mandatory"
    r"|obtained)\b(?! by law)"
)
_AGENT = re.compile(
    r"\b(?:designate|appoint|maintain|have|name)[ds]?\b[^.;]{0,120}?\b(?:registered agents?"
    r"|(?:local |authori[sz]ed )?representatives? (?:established|resident|located|in|domiciled)\b"
    r"|agents?\b[^.;]{0,80}?\b(?:service of process|resident|before|prior to))\b"
)
_TAKEDOWN = re.compile(
    r"\bnotices? of\b|\binfring|\btake ?down|\bcopyright|\bcomplaints?\b|\bremoval\b"
)
_LIKENESS = re.compile(
    r"\b(?:deep ?fakes?|digital replicas?|likeness(?:es)?|intimate|voices? of|synthetic media)\b"
)
"""What is shown is forbidden, whatever tool made it."""
_FOR_APPROVAL = re.compile(
    r"^ ?(?:\w+ly )?submit\b[^.;]{0,160}\bfor (?:\w+ ){0,3}"
    r"(?:approval|clearance|authorization|licens\w*)"
)
_ALLOWED = re.compile(
    r"^ ?(?:\w+ly )?(?:first )?(?:obtain|secure|have|hold|apply for) (?:the |an? )?(?:\w+ ){0,2}?"
    r"(?:authori[sz]ation|permission|clearance)\b"
    r"(?= (?:as|in such|required|under|from the (?:central|federal|state|government|secretary"
    r"|minist)))"
)
_TURNS_AWAY = re.compile(
    r"^ ?(?:\w+ly )?(?:remove|take down|delist|block|refuse|reject|deny|disable access"
    r" to)\b[^.;]{0,100}?"
    r"\b(?:not|no|none|without|lacks?|un(?:licensed|registered|certified|approved))\b"
    r"|^ ?(?:\w+ly )?(?:check|verify|ensure|confirm|satisfy (?:it|them)sel\w+) that (?:each|every"
    r"|any|all|the|an?)"
    r"\b[^.;]{0,80}?\b(?:ha(?:s|ve)|holds?|bears?|carr(?:y|ies)|is|are|possess(?:es)?)\b"
)


def gated(said: Statement, subject: Subject) -> Verdict | None:
    """`No person may deploy a model unless …`, where what follows is somebody's leave."""
    if _CLAIMS.search(said.act[:120]) or _CLAIMS.search(said.own_act[:120]):
        return None
    bans = said.force is Force.BAN or (said.force is Force.MAY and "only" in said.act[:160])
    if not bans or said.actor in (Actor.GOVERNMENT, Actor.PAPER) or not about_tool(said, subject):
        return None
    if _LIKENESS.search(said.act[:160]):
        return None
    for gate in GATE.finditer(said.clean):
        if INTENT.search(said.clean[said.act_from : gate.start()]):
            return None  # it is the purpose that is forbidden
        rest = said.clean[gate.start() : gate.end() + 260]
        line = None if _TO_THE_PUBLIC.search(rest) else leave_named(rest, subject)
        if line is None and GRANTED.search(rest):
            line = leave_named(said.clean[: gate.start()], subject)
        if line is not None and (said.does() or TOOL_ACTS.search(said.clean[: gate.start()])):
            return red(line, f"That may not be done without {NAMES[line]} from an authority.")
    return None


def only_with(said: Statement, subject: Subject) -> Verdict | None:
    """`Only a licensee may …`, `only models certified by …`, `a licence is required to …`."""
    if said.actor is Actor.GOVERNMENT or not about_tool(said, subject):
        return None
    required = _REQUIRED.match(said.own) or _NEEDS.match(said.own)
    may = said.actor is not Actor.PAPER and said.force is not Force.NONE
    only = _ONLY.search(said.clean) if may else None
    named = (required or only or [None])[0] or (_defined_only(said, subject) if may else None)
    if named is None or not TOOL_ACTS.search(said.clean):
        return None
    line = leave_named(re.sub(r"licen[cs]ee", "licence ", named), subject)
    if line is RedLine.PRECLEARANCE and only:
        line = RedLine.CERTIFIED_ONLY
    return red(line, f"Only with {NAMES[line]} may that be done.") if line else None


def _defined_only(said: Statement, subject: Subject) -> str | None:
    """`only attested models`, `reserved to stewards`: names that the bill gives to those let."""
    found = _ONLY_FOR.search(said.clean)
    terms = subject.used(found[0]) if found else ()
    return next((term for term in terms if term in subject.leave_terms), None)


def turned_away(said: Statement, subject: Subject) -> Verdict | None:
    """`App stores shall remove any model that is not on the list`: the same, by whoever hosts."""
    if said.force is not Force.DUTY or not said.binds or not about_tool(said, subject):
        return None
    turns = _TURNS_AWAY.match(said.act)
    if turns is None or not subject.is_tool(said.act[:200]) or _TO_THE_PUBLIC.search(said.act):
        return None
    line = leave_named(said.act[turns.end() - 12 : turns.end() + 160], subject)
    return (
        red(line, f"Those who offer models must turn away what lacks {NAMES[line]}.")
        if line
        else None
    )


def names_agent(said: Statement, subject: Subject) -> Verdict | None:
    """A maker must name an agent to an authority before its models may be had."""
    if not said.binds or (said.force is Force.BAN and not GATE.search(said.clean)):
        return None
    if not _AGENT.search(said.words[said.act_from :]) or _TAKEDOWN.search(said.words):
        return None
    if not about_tool(said, subject):
        return None
    return red(RedLine.REGISTRATION, "Makers must name an agent to an authority.")


def demanded(said: Statement, subject: Subject) -> Verdict | None:
    """`An operator shall register with …`, `must obtain a licence from …`."""
    if said.force is not Force.DUTY or not said.binds or not about_tool(said, subject):
        return None
    if _TO_THE_PUBLIC.search(said.act):
        return None
    line = _sought(said.act[:320], subject) or _sought(said.own_act[:320], subject)
    return (
        red(line, f"Whoever makes, has or offers them must have {NAMES[line]}.") if line else None
    )


def _sought(act: str, subject: Subject) -> RedLine | None:
    """The leave that an act is to get: `register …`, `obtain and hold a valid licence`."""
    if (direct := _DIRECT.match(act)) is not None:
        line = leave_named(act[: direct.end() + 12], subject)
        if line is not None:
            return line
    if "internal control" in act:
        return None  # one's own assessment
    if _FOR_APPROVAL.match(act):
        return RedLine.PRECLEARANCE
    if _ALLOWED.match(act):
        return RedLine.PRECLEARANCE
    if _LISTED.match(act):
        return RedLine.REGISTRATION
    seek = _SEEK.match(act)
    if seek is None:
        return None
    stop = _STOPS.search(act, seek.end())
    said = act[seek.end() : min(stop.start() if stop else len(act), seek.end() + 150)]
    line = leave_named(said, subject)
    found = LEAVE[line].search(said) if line else None
    if line is None or found is None or _NOT_LEAVE.search(said[: found.start()]):
        return None
    if _PARTICIPLE.search(found[0]) or _ONLY_BESIDE.match(said[found.end() :]):
        return None  # `a policy approved by …` is no approval, `licence fees` are no licence
    if _DONE.search(seek[0]) and line is RedLine.PRECLEARANCE:
        return None  # one's own assessment, completed
    if _HANDED_IN.search(seek[0]) and line in (RedLine.CERTIFIED_ONLY, RedLine.PRECLEARANCE):
        return None  # one's own certification, handed in, is a paper
    return line


def depends(said: Statement, subject: Subject) -> Verdict | None:
    """`… unless in compliance with subsection (a)`: as strict as what it points at."""
    gate = GATE.search(said.clean)
    if said.force is not Force.BAN or not said.binds or gate is None:
        return None
    complies = _COMPLIANCE.search(said.clean, gate.start())
    does = said.does() or TOOL_ACTS.search(said.clean[: gate.start()])
    if complies is None or not does or not about_tool(said, subject):
        return None
    return Verdict(
        Label.NEUTRAL,
        "It may be done only in keeping with another provision, which demands nobody's leave.",
        unsure=(Label.RESTRICTS_TOOL, Label.USE, Label.NEUTRAL),
        depends_on=(complies[1].strip(),),
    )
