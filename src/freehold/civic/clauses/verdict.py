"""What a rule says of one sentence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.statement import Statement
from freehold.civic.clauses.subject import Subject


@dataclass(frozen=True)
class Verdict:
    """A class, and which rule decided it, in one plain sentence."""

    label: Label
    because: str
    red_line: RedLine | None = None
    unsure: tuple[Label, ...] = ()
    """What else it may be; empty where the rule is sure."""
    depends_on: tuple[str, ...] = ()
    """Provisions it points at (`subsection (a)`): it is as strict as they are."""
    penalty: bool = False
    """Whether it punishes what breaks them."""
    names_act: bool = False
    """Whether a penalty says which act it is for, and not by number alone."""
    rule: str = ""
    """The name of the rule that knew it; empty where none did."""
    settled: bool = False
    """Whether that rule is sure that the clause is no red line."""


Rule = Callable[[Statement, Subject], Verdict | None]


def red(line: RedLine, because: str, unsure: tuple[Label, ...] = ()) -> Verdict:
    """A red line."""
    return Verdict(Label.RESTRICTS_TOOL, because, line, unsure)
