"""In which order the rules are asked: the first that has something to say decides.

What turns words round comes first (definitions, `nothing … shall be construed`), then what protects
the tool, then what takes it, then what is done with it. Nothing to say is neutral.
"""

from __future__ import annotations

from dataclasses import replace

from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.rules import (
    aside,
    beforehand,
    borders,
    by_order,
    conduct,
    evaluation,
    identity,
    leave,
    powers,
    protection,
    switches,
)
from freehold.civic.clauses.statement import Statement
from freehold.civic.clauses.subject import Subject
from freehold.civic.clauses.verdict import Rule, Verdict

TURNING: tuple[Rule, ...] = (
    aside.is_definition,
    aside.is_frame,
    aside.of_houses,
    protection.not_construed,
    protection.is_right,
    aside.is_finding,
    powers.decides,
    aside.is_plan,
    powers.sets_test,
    aside.of_holders,
    protection.binds_government,
    protection.exempts,
    protection.not_liable,
    aside.is_voluntary,
    protection.needs_no_leave,
    conduct.of_chips,
)
"""What these know is settled: a definition, a plan, a protection."""
SPEAKING: tuple[Rule, ...] = (
    borders.at_the_border,
    leave.gated,
    leave.only_with,
    by_order.forbidden_by_order,
    by_order.undone,
    by_order.without_leave,
    by_order.seeking_release,
    powers.too_risky,
    powers.failed_test,
    leave.demanded,
    leave.turned_away,
    leave.names_agent,
    beforehand.sought_before,
    beforehand.conditioned,
    beforehand.set_up,
    beforehand.waits,
    evaluation.taken_part,
    evaluation.handed_in,
    evaluation.let_test,
    powers.authority_demands,
    powers.register_kept,
    powers.may_forbid,
    identity.identified,
    switches.switched_off,
    switches.ordered_off,
    switches.only_hosted,
    borders.from_abroad,
    leave.depends,
    conduct.punished,
    conduct.harmful,
    conduct.conducts,
    conduct.papers_first,
    borders.flatly_banned,
    conduct.barred,
)
RULES = (*TURNING, *SPEAKING)
NOTHING = Verdict(Label.NEUTRAL, "No rule finds that it hinders, protects or punishes.")


def decide(said: Statement, subject: Subject) -> Verdict:
    """What the first rule that knows this kind of sentence says of it."""
    for rule in RULES:
        if (verdict := rule(said, subject)) is not None:
            is_red = verdict.label is Label.RESTRICTS_TOOL
            return replace(verdict, rule=rule.__name__, settled=rule in TURNING and not is_red)
    return NOTHING
