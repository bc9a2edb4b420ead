"""What was asked of one `freehold run`, checked and frozen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from freehold.actions.additions import Additions


@dataclass(frozen=True)
class RunOptions:
    """What was asked of one `run`, checked."""

    model: str | None
    prompt: str | None
    system: str | None
    temperature: float | None
    seed: int | None
    max_tokens: int | None
    context: int | None
    engine: str | None
    tuned: bool
    """Whether what tuning found may be used; once loading, whether it is."""
    server: bool
    """Whether the server that runs here may answer."""
    schema: str | None
    stats: bool
    json: bool
    yes: bool
    additions: Additions | None = None
    """Adapters and control vectors."""
