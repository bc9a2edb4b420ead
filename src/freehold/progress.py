"""How the library reports on long work. It never prints: whoever calls it decides what is shown."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol


class Task(Protocol):
    """One piece of long work, measured in `unit` (bytes unless said)."""

    def advance(self, amount: int) -> None:
        """`amount` more units are done. May be negative when work must be done again."""

    def total(self, amount: int) -> None:
        """The size of the whole, once known."""


class Progress(Protocol):
    """Where long work reports."""

    def task(
        self, label: str, total: int | None = None, unit: str = "B"
    ) -> AbstractContextManager[Task]:
        """A context manager for one piece of work; it ends when the block does."""

    def note(self, text: str) -> None:
        """Something the owner should know, one sentence."""


class _SilentTask:
    def advance(self, amount: int) -> None: ...

    def total(self, amount: int) -> None: ...


class SilentProgress:
    """Reports to no one."""

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
        """Work that nobody watches."""
        yield _SilentTask()

    def note(self, text: str) -> None:
        """A remark that nobody reads."""


SILENT = SilentProgress()
