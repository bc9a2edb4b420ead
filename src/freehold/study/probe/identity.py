"""What a model says of itself: a few plain questions, and its likeliest answers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from freehold.progress import SILENT, Progress
from freehold.study.asking import Answered, ask_all
from freehold.study.probe.questions import IDENTITY

if TYPE_CHECKING:
    from freehold.study.subject import Subject


def probe_identity(
    subject: Subject, tokens: int = 64, progress: Progress = SILENT
) -> tuple[Answered, ...]:
    """Ask each in a chat of its own. Raises EngineError, ContextExceeded."""
    with progress.task(f"Asking {subject.name} who it is", len(IDENTITY), "questions") as task:
        return ask_all(subject, IDENTITY, tokens, task, chat=True)
