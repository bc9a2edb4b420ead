"""What an authority is to demand or may forbid, and no release while a risk seems too high."""

from __future__ import annotations

import re

from freehold.civic.clauses.act_words import INTENT, RISK, TOOL_ACTS
from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.rules.about import NAMES, about_tool, leave_named
from freehold.civic.clauses.statement import Actor, Force, Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.subject_words import MODEL
from freehold.civic.clauses.verdict import Verdict, red

_AUTHORITY_SETS = re.compile(
    r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?(?:require|establish|create"
    r"|implement|administer|issue|prescribe|adopt|set up|maintain|grant)"
)
_ENSURES = re.compile(
    r"^ ?(?:\w+ly )?(?:ensure|see|provide) that (?:no|nobody)\b[^.;]{0,120}?"
    r"\b(?:without|unless|until|before|only|holds?|ha(?:s|ve) (?:been|obtained))\b"
)
_REGISTER = re.compile(
    r"^ ?(?:\w+ly )?(?:establish|create|maintain|develop|set up|compile|keep)\w*\b[^.;]{0,60}?"
    r"\b(?:registry|register|database|ledger|roll|roster|inventory|registration systems?)\b"
)
_THOSE = re.compile(
    r" (?:in|on|into) which\b[^.;]{0,120}?\b(?:entered|recorded|record|enter|listed)\b[^.;]{0,120}?"
    r"\b(?:names?|developers?|owners?|models?|systems?)\b|"
    r" (?:of|for|listing|identifying|containing|to list)(?: (?!incidents?|reports?"
    r"|complaints?)[\w-]+){0,4}?"
    r" (?:business(?:es)?|compan(?:y|ies)|developers?|operators?|deployers?|persons?|owners?"
    r"|individuals?|entit(?:y|ies)|providers?|models?|systems|products)\b"
)
_REQUIRES = re.compile(r"^ ?(?:\w+ly )?(?:by (?:rule|regulation)[^,]{0,20},? )?require\b")
_OF_THOSE = re.compile(
    r"\b(?:registration|licensing|licensure) of (?:any|each|every|all) "
    r"(?:compan|business|developer|deployer|operator|owner|provider|person|individual|model|system)"
)
_REGIME = re.compile(
    r"\b(?:process|system|program(?:me)?|regime|scheme|requirement|procedure)s?"
    r" (?:for|of|to|under|by)\b"
    r"|\b(?:rules?|regulations?|orders?) (?:under which|requiring|that require|to require)\b"
)
_KEEPS = red(
    RedLine.REGISTRATION,
    "An authority is to keep a register of those who make or run them.",
    (Label.NEUTRAL,),
)
_POWER = re.compile(
    r"^ ?(?:\w+ly )?(?:(?:if|where|when|upon|on|after|at any time|in writing|by|to) [^,]{1,120}, )?"
    r"(?:by (?:\w+ )?(?:order|rule|regulation|notice|direction)[^,]{0,20},? )?(?:also )?"
    r"(?:prohibit|forbid|block|bar|suspend|halt|disapprove|deny|pause|prevent|restrict|revoke|"
    r"(?:issue|make|give) an? (?:[\w-]+ )?(?:order|direction|notice|directive)s? (?:to )?"
    r"(?:prohibit|forbid|requir|direct|block|stop|bar|not to)\w*|"
    r"issue an? (?:\w+ ){0,3}?order\b[^.;]{0,200}?\b(?:suspend|restrict|prohibit|halt)\w*|"
    r"order (?:the|a|any|that|such)|delay|direct (?:that|the|any|an?)|veto|reject|refuse|withhold"
    r"|ban|stop|stay|exclude|"
    r"require (?:that )?(?:the|a|any|an|such) (?:[\w-]+ ){1,12}?(?:to )?(?:cease|stop|halt|suspend"
    r"|withdraw|refrain|not))\b"
)
_ACT = re.compile(r"[^.;]{0,90}?" + TOOL_ACTS.pattern + r"[^.;]{0,60}?")
_ENFORCES = re.compile(
    r"\b(?:in|for (?:a )?)violat\w+ of\b|\bwaive|\bprohibition in\b|\bcivil action\b|\benjoin\b"
)
_VIOLATED = re.compile(
    r"\b(?:violates?|violated|fails to comply with) (?:this|an?|any|the|such)"
    r" (?:act|article|chapter|section|part|title|law|rule|regulation|order|provision)"
)
"""A condition that makes it the answer to an offence."""
_INSIDE = re.compile(
    r"\b(?:courts?|evidence|petitions?|employees?|proceedings?|testimony|students?"
    r"|reports?|information|accounts?|(?:executive|state|public) agencies)\b"
)
"""What authorities forbid within their own walls."""
_MEANT = re.compile(
    r"\bknowing\b|\breckless|\bintent|\btechniques?\b|\bsubliminal|\bmanipulat|\bexploit|\bdistort|\bimpair"
)
_IF = re.compile(r"\b(?:if|where|when|unless|until|that)\b")
_KEPT = re.compile(
    r"\b(?:(?:shall|must) be|is (?:hereby )?) ?(?:kept|created|established|maintained|set"
    r" up)\b[^.;]{0,80}?\b(?:an?|the) (?:[\w-]+ )?(?:registry|register|ledger|roll|roster)\b"
)
_DECIDES = re.compile(
    r"\b(?:shall|may|must)\b[^.;]{0,200}?\b(?:approve|allow|clear|permit"
    r"|authori[sz]e)(?:,[^.;]{0,40}?)? "
    r"or (?:to )?(?:\w+ )?(?:reject|deny|refuse|disapprove|prohibit|forbid|disallow|veto"
    r"|withhold)\b|\b(?:grant|give|issue) or (?:refuse|deny|withhold|decline)\b"
    r"|\bissue an order that\b[^.;]{0,80}?\bmay not be\b"
    r"|\b(?:approval|finding|decision) or (?:refusal|denial|rejection|disapproval)\b"
)
_APPLIED = re.compile(r"\bappli(?:cations?|cants?|es)\b|\bwaivers?\b|\bsandbox\b")
_SOON = 160
"""Characters of an act: what comes later is no longer what is to be done."""
_SETS_TEST = re.compile(
    r"\b(?:design|develop|establish|issue|prescribe|adopt|set|create|specify)\b[^.;]{0,40}?"
    r"\b(?:evaluations?|tests?|assessments?|inspections?|trials?)\b[^.;]{0,60}?\b(?:that|which)\b "
    r"(?:\w+ ){0,3}?(?:shall|must|(?:is|are) required to) be (?:used|passed|completed|undergone"
    r"|met|taken|conducted)"
    r"\b[^.;]{0,80}?\b(?:seek|intend|propos|wish|plan)(?:s|ing)? to\b(?P<what>[^.;]{0,80})"
)
_FAILED = re.compile(
    r"\b(?:if|where|when|unless)\b[^.;]{0,60}?\b(?:results?|tests?|testing|evaluations?|assessments?)\b"
    r"[^.;]{0,40}?\b(?:(?:do|does|did) not|fails?|failed|(?:is|are) not|satisf\w+|meets?|pass\w*)\b"
    r"|\b(?:if|where|when)\b[^.;]{0,60}?\b(?:fails?|failed|(?:has|have|does|do) not pass(?:ed)?)\b"
    r"[^.;]{0,30}?\b(?:tests?|evaluations?|assessments?|standards?)\b"
)


def authority_demands(said: Statement, subject: Subject) -> Verdict | None:
    """An authority shall require or run a licence, a register, an approval for tools."""
    if not said.empowers:
        return None
    ensures = None if " own " in said.act[:160] else _ENSURES.match(said.act)
    sets = _AUTHORITY_SETS.match(said.act) or ensures
    if not sets or not about_tool(said, subject):
        return None
    register = None if "certified" in said.act else _REGISTER.match(said.act)
    if register is not None and _THOSE.match(said.act, register.end()):
        return _KEEPS
    line = leave_named(said.act[:200], subject)
    if line is None or not (TOOL_ACTS.search(said.act) or _OF_THOSE.search(said.act)):
        return None
    if ensures:
        return red(line, f"An authority is to see that nobody does it without {NAMES[line]}.")
    if _REQUIRES.match(said.act):
        because = f"An authority is to demand {NAMES[line]} of those who make or have them."
        return red(line, because)
    if _REGIME.search(said.act) and line in (RedLine.LICENCE, RedLine.PRECLEARANCE):
        return red(line, f"An authority is to set up {NAMES[line]} for them.", (Label.NEUTRAL,))
    return None


def _is_about(said: Statement, subject: Subject) -> bool:
    """Whether a tool is named, or at least a model or a system in a bill about them."""
    return subject.is_tool(said.words) or (
        subject.title_is_tool and (MODEL.search(said.act) or "release" in said.act) is not None
    )


def register_kept(said: Statement, subject: Subject) -> Verdict | None:
    """`There shall be kept by the department a ledger in which each host is entered.`"""
    kept = _KEPT.search(said.words)
    if kept is None or not about_tool(said, subject):
        return None
    if not _THOSE.match(said.words, kept.end()) or not TOOL_ACTS.search(said.words):
        return None
    return _KEEPS


def may_forbid(said: Statement, subject: Subject) -> Verdict | None:
    """An authority may forbid, stop or delay a model's making or release."""
    if not said.empowers:
        return None
    power = _POWER.match(said.act)
    if power is None or not _is_about(said, subject) or not about_tool(said, subject):
        return None
    if not _ACT.match(said.act, power.end()) or INTENT.search(said.act):
        return None
    if _VIOLATED.search(said.words):
        return None
    if _ENFORCES.search(said.act[:200]) or _INSIDE.search(f"{said.who} {said.act[:160]}"):
        return None
    return red(RedLine.PRECLEARANCE, "An authority may forbid or stop it.")


def sets_test(said: Statement, subject: Subject) -> Verdict | None:
    """`The Secretary shall design an evaluation that must be used by whoever seeks to deploy.`"""
    found = _SETS_TEST.search(said.act)
    if said.actor is not Actor.GOVERNMENT or found is None or found.start() > _SOON:
        return None
    if not TOOL_ACTS.search(found["what"]) or not about_tool(said, subject):
        return None
    return red(RedLine.PRECLEARANCE, "An authority's evaluation must be run before release.")


def decides(said: Statement, subject: Subject) -> Verdict | None:
    """`The Board shall review each training run and shall approve or reject it.`"""
    if not said.empowers:
        return None
    if not _DECIDES.search(said.words) or not about_tool(said, subject):
        return None
    if _APPLIED.search(said.words):
        return None  # how an application is dealt with, for whatever it is
    if not TOOL_ACTS.search(said.act) or _INSIDE.search(f"{said.who} {said.act[:160]}"):
        return None
    return red(RedLine.PRECLEARANCE, "An authority says yes or no to it.")


def failed_test(said: Statement, subject: Subject) -> Verdict | None:
    """`If the results do not satisfy the standards, the developer may not release the model.`"""
    if said.force is not Force.BAN or not said.binds or not about_tool(said, subject):
        return None
    if not _FAILED.search(said.words) or not said.does(0, 120) or INTENT.search(said.act):
        return None
    if not subject.is_tool(said.words) and not MODEL.search(said.act):
        return None
    return red(RedLine.PRECLEARANCE, "It may not be released where a test is not passed.")


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
