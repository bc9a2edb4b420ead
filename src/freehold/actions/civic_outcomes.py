"""What an update of the public data did, file by file."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from freehold.actions.civic_arrivals import Arrival
from freehold.civic.datasets.kept import Kept
from freehold.errors import FreeholdError


class Change(StrEnum):
    """What became of one file."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"
    FAILED = "failed"


@dataclass(frozen=True)
class Outcome:
    """One file, after an update."""

    name: str
    title: str
    change: Change
    entry: Kept | None = None
    """What is here now; None when it failed and nothing was here before."""
    before: Kept | None = None
    """What was here before, when that was something else."""
    error: FreeholdError | None = None


@dataclass(frozen=True)
class Updated:
    """What an update did."""

    outcomes: tuple[Outcome, ...]
    index: Path | None
    """The index, if there is one now."""
    is_rebuilt: bool

    @property
    def failed(self) -> tuple[Outcome, ...]:
        """What did not come."""
        return tuple(each for each in self.outcomes if each.change is Change.FAILED)


Found = Outcome | Arrival
"""What looking for one file came to: it is on its way in, or that is decided."""


def same_here(here: dict[str, Kept], entry: Kept) -> bool:
    """Whether these very bytes are here already, under that name."""
    return entry.name in here and here[entry.name].sha256 == entry.sha256
