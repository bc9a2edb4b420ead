"""What an authority is to demand or may forbid, and no release while a risk seems too high."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import INTENT, RISK, TOOL_ACTS
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.rules.about import NAMES, about_tool, leave_named
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Verdict, red

_AUTHORITY_SETS = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?(?:require|establish|create"
    r"|implement|administer|issue|prescribe|adopt|set up|maintain|grant)"
)
_REGISTER = re.compile(
    r"^ ?(?:\w+ly )?(?:establish|create|maintain|develop|set up|compile|keep)\w*\b[^.;]{0,60}?"
    r"\b(?:registry|register|database)\b"
)
_THOSE = re.compile(
    r" (?:of|for|listing|identifying|containing|to list)(?: (?!incidents?|reports?"
    r"|complaints?)[\w-]+){0,4}?"
    r" (?:business(?:es)?|compan(?:y|ies)|developers?|operators?|deployers?|persons?|owners?"
    r"|individuals?|entit(?:y|ies)|providers?|models?|systems|products)\b"
)
_REQUIRES = re.compile(r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?require\b")
_REGIME = re.compile(
    r"\b(?:process|system|program(?:me)?|regime|scheme|requirement|procedure)s?"
    r" (?:for|of|to|under|by)\b"
    r"|\b(?:rules?|regulations?|orders?) (?:under which|requiring|that require|to require)\b"
)
_POWER = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:order|rule|regulation)[^,]{0,20},? )?(?:also )?"
    r"(?:prohibit|forbid|block|bar|suspend|halt|disapprove|deny|pause|prevent|restrict|revoke|"
    r"(?:issue|make) an? (?:\w+ )?order (?:prohibit|forbid|requir|direct)\w*|"
    r"order (?:the|a|any|that|such)|delay)\b"
)
_ACT = re.compile(r"[^.;]{0,60}?" + TOOL_ACTS.pattern + r"[^.;]{0,60}?")
_ENFORCES = re.compile(
    r"\b(?:in|for (?:a )?)violat\w+ of\b|\bwaive|\bprohibition in\b|\bcivil action\b|\benjoin\b"
)
_INSIDE = re.compile(
    r"\b(?:courts?|evidence|petitions?|employees?|proceedings?|testimony|students?"
    r"|reports?|information)\b"
)
"""What authorities forbid within their own walls."""
_MEANT = re.compile(r"\bknowing\b|\breckless|\bintent")
_IF = re.compile(r"\b(?:if|where|when|unless|until|that)\b")


def authority_demands(said: Statement, subject: Subject) -> Verdict | None:
    """An authority shall require or run a licence, a register, an approval for tools."""
    if said.force not in (Force.DUTY, Force.MAY) or said.actor is not Actor.GOVERNMENT:
        return None
    if not _AUTHORITY_SETS.match(said.act) or not about_tool(said, subject):
        return None
    register = _REGISTER.match(said.act)
    if register is not None and _THOSE.match(said.act, register.end()):
        because = "An authority is to keep a register of those who make or run them."
        return red(RedLine.REGISTRATION, because, (Label.NEUTRAL,))
    line = leave_named(said.act[:200])
    if line is None or not TOOL_ACTS.search(said.act):
        return None
    if _REQUIRES.match(said.act):
        because = f"An authority is to demand {NAMES[line]} of those who make or have them."
        return red(line, because)
    if _REGIME.search(said.act) and line in (RedLine.LICENCE, RedLine.PRECLEARANCE):
        return red(line, f"An authority is to set up {NAMES[line]} for them.", (Label.NEUTRAL,))
    return None


def may_forbid(said: Statement, subject: Subject) -> Verdict | None:
    """An authority may forbid, stop or delay a model's making or release."""
    if said.actor is not Actor.GOVERNMENT or said.force not in (Force.DUTY, Force.MAY):
        return None
    power = _POWER.match(said.act)
    if power is None or not subject.is_tool(said.words) or not about_tool(said, subject):
        return None
    if not _ACT.match(said.act, power.end()) or INTENT.search(said.act):
        return None
    if _ENFORCES.search(said.act[:200]) or _INSIDE.search(f"{said.who} {said.act[:160]}"):
        return None
    return red(RedLine.PRECLEARANCE, "An authority may forbid or stop it.")


def too_risky(said: Statement, subject: Subject) -> Verdict | None:
    """No release while a risk is judged too high, whatever it is to be used for."""
    risk = RISK.search(said.act)
    if said.force is not Force.BAN or not said.binds or risk is None:
        return None
    if not said.does(0, risk.start()) or not about_tool(said, subject):
        return None
    if INTENT.search(said.act[: risk.start()]) or _MEANT.search(said.act):
        return None
    if not _IF.search(said.act[: risk.start()]):
        return None
    return red(RedLine.PRECLEARANCE, "It may not be released while a risk is judged too high.")
