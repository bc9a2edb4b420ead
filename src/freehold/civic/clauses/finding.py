"""What one clause of a bill does, with its words as they stand there."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Label(StrEnum):
    """What a clause does to whoever owns, runs or makes a model."""

    RESTRICTS_TOOL = "restricts-tool"
    """It stands before owning, running, making or sharing a model: a red line."""
    USE = "use"
    """It punishes or regulates harmful use, or a trade's conduct."""
    PROTECTS = "protects"
    """It protects the right to have and run models."""
    NEUTRAL = "neutral"
    """Transparency, studies, money, definitions, everything else."""


class RedLine(StrEnum):
    """In which way a clause restricts the tool."""

    LICENCE = "licence"
    REGISTRATION = "registration"
    """A registration, an account, or proof of who one is, before use."""
    PRECLEARANCE = "preclearance"
    """Approval, or a passed evaluation, before a model may be deployed or released."""
    CERTIFIED_ONLY = "certified-only"
    IMPORT_EXPORT = "import-export"
    CLOUD_ONLY = "cloud-only"
    SHUTDOWN = "shutdown"
    """A means to switch models off from afar, or a way in for others."""


@dataclass(frozen=True)
class Threshold:
    """From what size on a clause applies."""

    quantity: str
    """`operations`, `dollars of revenue`, `users`, `parameters`."""
    amount: float
    quote: str
    start: int
    end: int


@dataclass(frozen=True)
class Finding:
    """One clause and its class. `bill.text[start:end] == quote`, or it is not a finding."""

    label: Label
    red_line: RedLine | None
    """Set exactly when the label is RESTRICTS_TOOL."""
    path: str
    """The section, as it is cited."""
    start: int
    end: int
    quote: str
    who: str | None = None
    """Whom it binds, in the bill's words."""
    definition: str | None = None
    """The words by which the bill defines them, verbatim, where it does."""
    thresholds: tuple[Threshold, ...] = ()
    because: str = ""
    """Which rule decided, in one plain sentence."""
    decided_by: str = "rules"
    """`rules`, or `model NAME`."""
