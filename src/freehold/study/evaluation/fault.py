"""What is wrong with a task, said in one sentence that names the file and the line."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.errors import UsageError


@dataclass(frozen=True)
class Spot:
    """A place in a file."""

    path: Path
    line: int | None = None
    """From 1; None for the file as a whole."""

    def fault(self, what: str, hint: str | None = None) -> UsageError:
        """The error to raise: `questions.yaml, line 7: …`."""
        return UsageError(f"{self}: {what}", hint)

    def __str__(self) -> str:
        return str(self.path) if self.line is None else f"{self.path}, line {self.line}"
