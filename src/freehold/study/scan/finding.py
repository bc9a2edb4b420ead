"""What a scan comes to: findings, what was looked at, and what was not."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

_T = TypeVar("_T")


class Severity(StrEnum):
    """How grave a finding is, worst first."""

    DANGEROUS = "dangerous"
    """It can run code, hang or mislead a program, or gives something secret away."""
    SUSPICIOUS = "suspicious"
    """There are honest reasons for it, and others."""
    ODD = "odd"
    """Not what such files are like; most likely harmless."""


@dataclass(frozen=True)
class Finding:
    """One thing that was found."""

    severity: Severity
    where: str
    """File, key or tensor, and the place in it."""
    what: str
    """What is there, in a sentence. What it quotes comes from the file, as it is."""
    could: str
    """What it could do."""
    advice: str
    """What to do about it."""


@dataclass(frozen=True)
class ScanReport:
    """All that a scan says."""

    name: str
    findings: tuple[Finding, ...]
    """Gravest first."""
    looked_at: tuple[str, ...]
    not_looked_at: tuple[str, ...]

    @property
    def dangerous(self) -> bool:
        """Whether any finding is."""
        return any(each.severity is Severity.DANGEROUS for each in self.findings)


class Gathering:
    """Findings and what was looked at, as they come."""

    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.looked_at: list[str] = []
        self.not_looked_at: list[str] = []

    def add(self, findings: Iterable[Finding]) -> None:
        """More findings."""
        self.findings += findings

    def report(self, name: str) -> ScanReport:
        """The whole, gravest first, each once."""
        order = list(Severity)
        unique = list(dict.fromkeys(self.findings))
        unique.sort(key=lambda finding: order.index(finding.severity))
        return ScanReport(name, tuple(unique), tuple(self.looked_at), tuple(self.not_looked_at))


def excerpt(text: str, most: int = 80) -> str:
    """A piece of text for a finding: at most so many characters."""
    return text if len(text) <= most else text[: most - 1] + "…"


def some(things: Sequence[_T], most: int, tell: Callable[[_T], str]) -> str:
    """What `tell` says of the first so many, and how many there are besides."""
    more = f" and {len(things) - most:,} more" if len(things) > most else ""
    return ", ".join(map(tell, things[:most])) + more
