"""In which order the rules are asked: the first that has something to say decides.

What turns words round comes first (definitions, `nothing … shall be construed`), then what protects
the tool, then what takes it, then what is done with it. Nothing to say is neutral.
"""

from __future__ import annotations

from freehold.civic.clauses.finding import Label
from freehold.civic.clauses.rules import (
    aside,
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

RULES: tuple[Rule, ...] = (
    aside.is_definition,
    aside.is_frame,
    aside.of_houses,
    protection.not_construed,
    protection.is_right,
    aside.is_finding,
    aside.is_plan,
    protection.binds_government,
    protection.exempts,
    protection.not_liable,
    aside.is_voluntary,
    protection.needs_no_leave,
    conduct.of_chips,
    borders.at_the_border,
    leave.gated,
    leave.only_with,
    by_order.forbidden_by_order,
    by_order.undone,
    by_order.seeking_release,
    powers.too_risky,
    leave.demanded,
    leave.names_agent,
    evaluation.taken_part,
    evaluation.handed_in,
    evaluation.let_test,
    powers.authority_demands,
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
NOTHING = Verdict(Label.NEUTRAL, "No rule finds that it hinders, protects or punishes.")


def decide(said: Statement, subject: Subject) -> Verdict:
    """What the first rule that knows this kind of sentence says of it."""
    for rule in RULES:
        if (verdict := rule(said, subject)) is not None:
            return verdict
    return NOTHING
