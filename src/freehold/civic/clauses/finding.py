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
class Lift:
    """A clause elsewhere that takes some out of a red line, with its words."""

    whom: str
    """`open models`, `personal use`, `research`, `small developers`, `governments`."""
    path: str
    start: int
    end: int
    quote: str


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
    """`rules`, `learned weights`, or `model NAME`."""
    governed_by: tuple[tuple[int, int], ...] = ()
    """Where the words above it stand that it goes on from: `A person shall not—`."""
    unsure: tuple[Label, ...] = ()
    """The labels that the rules could not decide between; empty where they are sure."""
    lifts: tuple[Lift, ...] = ()
    """For a red line: whom other clauses take out of it."""
    model_says: str | None = None
    """What a model chose where it differs from a red line of the rules, which stays."""
    plain_words: str | None = None
    """What a model says that it means. The model's words, never the bill's."""
