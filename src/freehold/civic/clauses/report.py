"""What was found in one bill, and what was read to find it."""

from __future__ import annotations

from dataclasses import dataclass

from freehold.civic.bills.bill import Bill
from freehold.civic.clauses.finding import Finding, Label, RedLine

NOT_LEGAL_ADVICE = (
    "Not legal advice: rules read this text for wording that matters, and they can be wrong. "
    "Read the quoted words in the bill itself."
)


@dataclass(frozen=True)
class Report:
    """Every clause of a bill with its class."""

    bill: Bill
    findings: tuple[Finding, ...]
    """All of them, in the order of the text."""
    read: int
    """Clauses that were read."""
    struck: int = 0
    """Clauses left out since the bill strikes them."""
    dropped: int = 0
    """Findings left out since their words are not in the source as they should be."""
    notes: tuple[str, ...] = ()
    """What could not be read, or was odd."""

    def of(self, label: Label) -> tuple[Finding, ...]:
        """The findings of one class."""
        return tuple(each for each in self.findings if each.label is label)

    @property
    def red_lines(self) -> tuple[Finding, ...]:
        """What stands before having, running, making or sharing a model."""
        return self.of(Label.RESTRICTS_TOOL)

    @property
    def unsure(self) -> tuple[Finding, ...]:
        """Where the rules could not decide."""
        return tuple(each for each in self.findings if each.unsure)


TITLES = {
    Label.RESTRICTS_TOOL: "Red lines: what stands before having, making or sharing a model",
    Label.PROTECTS: "Protections: what secures the right to have and run models",
    Label.USE: "Use: harmful acts, and how a trade has to behave",
    Label.NEUTRAL: "Everything else",
}
RED_LINE_TITLES = {
    RedLine.LICENCE: "a licence",
    RedLine.REGISTRATION: "a registration, an account or proof of who one is",
    RedLine.PRECLEARANCE: "approval or evaluation before release",
    RedLine.CERTIFIED_ONLY: "certified models only",
    RedLine.IMPORT_EXPORT: "import or export of models",
    RedLine.CLOUD_ONLY: "only through somebody's service",
    RedLine.SHUTDOWN: "a switch to turn models off, or a way in",
}
MARKS = {
    Label.RESTRICTS_TOOL: "R",
    Label.PROTECTS: "P",
    Label.USE: "U",
    Label.NEUTRAL: "N",
}
"""A letter for each class, beside its colour or instead of it."""
