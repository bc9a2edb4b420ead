"""Leave from an authority before a tool may be made, had, run or shared."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import GATE, INTENT, LEAVE, RISK, TOOL_ACTS
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red
from freehold.civic.clauses.wording import words

_NAMES = {
    RedLine.LICENCE: "a licence",
    RedLine.REGISTRATION: "a registration",
    RedLine.CERTIFIED_ONLY: "a certificate or a place on a list",
    RedLine.PRECLEARANCE: "an approval",
}
_SEEK = re.compile(
    r"^ ?(?:\w+ly )?(?:first |also |annually |each |be required to )*(?:by [^,]{0,60}, )?"
    r"(?:be |become |get |apply |obtain|secure|hold|possess|maintain|have|seek|receive|acquire|request|regist|file|procure|renew|submit)"
)
_DIRECT = re.compile(
    r"^ ?(?:\w+ly )?(?:first |also |annually |be required to )*(?:(?:not )?(?:be|become|get) (?:\w+ )?)?(?:regist|licen[cs]ed|certified|approved|pre-?approved|precleared)"
)
_OBJECT = re.compile(
    r"\b(?:apply(?: to [^.;]{1,60})? for|obtain|secure|hold|possess|have|seek|receive|acquire|request|file|procure|renew|maintain)\w*"
    r"(?: (?:and|or) \w+){0,2} (?:from [^.;]{1,80}? )?(?:(?:a|an|the|any|its|such|all|prior|written|valid|current|required|necessary|applicable|"
    r"appropriate|express|annual|federal|state|initial|safety|operating|operator's|development|training|statement of|certificate of|notice of|letter of|application for(?: an?)?) )*"
    r"(?:\w+[ -]){0,3}?"
)
_TO_THE_PUBLIC = words(r"consent of (?:the )?(?:individual|user|parent|person|subject|depicted)s?", r"parental")
_AUTHORITY_SETS = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?(?:require|establish|create|implement|administer|issue|prescribe|adopt|set up|maintain|grant)"
)
_COMPLIANCE = re.compile(r"\b(?:in compliance|complie[sd]|complied|compliance|compliant|satisf\w+|met the requirements?)\b[^.;]{0,60}?\b((?:sub)?(?:section|paragraph|division|chapter|title|article|part)s?\b[^.;,]{0,60})")
_TRADES = words(r"minors?", r"child(?:ren)?", r"professional services?", r"practice of (?:law|medicine|\w+)", r"insurance", r"motor vehicles?", r"autonomous vehicles?", r"vehicles?", r"medical devices?", r"drones?", r"unmanned aircraft", r"health ?care", r"telehealth", r"real estate", r"gambling|gaming|wager\w*")
_FIRST = words(r"before", r"prior to", r"in order to", r"until", r"unless")


def leave_named(said: str) -> RedLine | None:
    """Which leave these words name first."""
    places = {
        line: found.start() for line, table in LEAVE.items() if (found := table.search(said))
    }
    return min(places, key=places.__getitem__) if places else None


def _about(said: Statement, subject: Subject) -> bool:
    """Whether it is about a tool: by its own words and terms, its heading, or the bill's title."""
    if _TRADES.search(said.clean):
        return False
    if subject.is_chip_trade(said.clean, said.heading):
        return False
    if subject.is_tool(said.words) or subject.is_tool(said.heading):
        return True
    return subject.title_is_tool and TOOL_ACTS.search(said.words) is not None


def gated(said: Statement, subject: Subject) -> Verdict | None:
    """`No person may deploy a model unless …`, where what follows is somebody's leave."""
    bans = said.force is Force.BAN or (said.force is Force.MAY and "only" in said.act[:160])
    if not bans or said.actor in (Actor.GOVERNMENT, Actor.PAPER) or not _about(said, subject):
        return None
    gate = GATE.search(said.clean)
    while gate is not None:
        rest = said.clean[gate.start() : gate.end() + 260]
        line = None if _TO_THE_PUBLIC.search(rest) else leave_named(rest)
        if line is not None and TOOL_ACTS.search(said.clean):
            if said.does() or TOOL_ACTS.search(said.clean[: gate.start()]):
                return red(line, f"That may not be done without {_NAMES[line]} from an authority.")
        gate = GATE.search(said.clean, gate.end())
    return None


def demanded(said: Statement, subject: Subject) -> Verdict | None:
    """`An operator shall register with …`, `must obtain a licence from …`."""
    if said.force is not Force.DUTY or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    if not _about(said, subject) or _TO_THE_PUBLIC.search(said.act):
        return None
    line = _sought(said.act)
    if line is None:
        return None
    return red(line, f"Whoever makes, has or offers them must have {_NAMES[line]}.")


def _sought(act: str) -> RedLine | None:
    """The leave that an act is to get: `register …`, `obtain and hold a valid licence`."""
    act = act[:320]
    if (direct := _DIRECT.match(act)) is not None:
        return leave_named(act[: direct.end() + 12])
    if _SEEK.match(act) is None:
        return None
    for found in _OBJECT.finditer(act[:200]):
        line = leave_named(act[found.end() : found.end() + 26])
        if line is not None and (near := LEAVE[line].search(act, found.end())):
            if near.start() - found.end() <= 2:
                return line
    if re.match(r"^ ?submit\b[^.;]{0,160}\bfor (?:\w+ ){0,3}(?:approval|clearance|authorization|licens)", act):
        return RedLine.PRECLEARANCE
    return None


def authority_demands(said: Statement, subject: Subject) -> Verdict | None:
    """An authority shall require or run a licence, a register, an approval for tools."""
    if said.force not in (Force.DUTY, Force.MAY) or said.actor is not Actor.GOVERNMENT:
        return None
    if not _AUTHORITY_SETS.match(said.act) or not _about(said, subject):
        return None
    required = re.match(r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?require\b", said.act)
    line = leave_named(said.act[:200])
    if line is None or not TOOL_ACTS.search(said.act):
        return None
    if required:
        return red(line, f"An authority is to demand {_NAMES[line]} of those who make or have them.")
    if re.search(r"\b(?:process|system|program(?:me)?|regime|scheme|requirement|procedure)s? (?:for|of|to|under|by) [^.;]{0,80}", said.act):
        if line in (RedLine.LICENCE, RedLine.PRECLEARANCE):
            return red(line, f"An authority is to set up {_NAMES[line]} for them.", (Label.NEUTRAL,))
    return None


def leave_refused(said: Statement, subject: Subject) -> Verdict | None:
    """An authority may forbid, stop or delay a model's making or release."""
    if said.actor is not Actor.GOVERNMENT or said.force not in (Force.DUTY, Force.MAY):
        return None
    power = _POWER.match(said.act)
    if power is None or not subject.is_tool(said.act) or not _about(said, subject):
        return None
    if not TOOL_ACTS.search(said.act, power.end()) or INTENT.search(said.act):
        return None
    if re.search(r"\b(?:in|for (?:a )?)violat\w+ of\b|\bwaive|\bprohibition in\b|\bcivil action\b|\benjoin\b", said.act[:200]):
        return None
    return red(RedLine.PRECLEARANCE, "An authority may forbid or stop it.")


_POWER = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:order|rule|regulation)[^,]{0,20},? )?(?:also )?(?:prohibit|forbid|block|bar|suspend|halt|disapprove|deny|pause|prevent|"
    r"restrict|revoke|(?:issue|make) an? (?:\w+ )?order (?:prohibit|forbid|requir|direct)\w*|order (?:the|a|any|that|such))\b"
)


def too_risky(said: Statement, subject: Subject) -> Verdict | None:
    """No release while a risk is judged too high, whatever it is to be used for."""
    if said.force is not Force.BAN or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    risk = RISK.search(said.act)
    if risk is None or not said.does(0, risk.start()) or not _about(said, subject):
        return None
    if re.search(r"\bknowing\b|\breckless|\bintent", said.act):
        return None
    condition = re.search(r"\b(?:if|where|when|unless|until|that)\b", said.act[: risk.start()])
    if condition is None:
        return None
    return red(RedLine.PRECLEARANCE, "It may not be released while a risk is judged too high.")


def depends(said: Statement, subject: Subject) -> Verdict | None:
    """`… unless in compliance with subsection (a)`: as strict as what it points at."""
    if said.force is not Force.BAN or said.actor in (Actor.GOVERNMENT, Actor.PAPER):
        return None
    gate = GATE.search(said.clean)
    if gate is None or not _about(said, subject):
        return None
    complies = _COMPLIANCE.search(said.clean, gate.start())
    if complies is None or not (said.does() or TOOL_ACTS.search(said.clean[: gate.start()])):
        return None
    return Verdict(
        Label.NEUTRAL,
        "It may be done only in keeping with another provision, which demands nobody's leave.",
        None,
        (Label.RESTRICTS_TOOL, Label.USE, Label.NEUTRAL),
        (complies[1].strip(),),
    )
