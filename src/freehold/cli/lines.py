"""Progress where there is no terminal: a line when a task ends, nothing in between."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

from freehold.cli.terminal import note
from freehold.progress import Task
from freehold.units import human_bytes


class _CountingTask:
    def __init__(self, total: int | None) -> None:
        self.done = 0
        self.expected = total

    def advance(self, amount: int) -> None:
        self.done += amount

    def total(self, amount: int) -> None:
        self.expected = amount


class Lines:
    """One plain line for each task that took long enough to be worth one."""

    worth_a_line_seconds = 1.0

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
        """Count quietly; say what was done, and how fast, at the end."""
        task, start = _CountingTask(total), time.monotonic()
        yield task
        seconds = time.monotonic() - start
        if seconds >= self.worth_a_line_seconds:
            if unit == "B":
                rate = human_bytes(int(task.done / seconds))
                note(f"{label}: {human_bytes(task.done)} in {seconds:.1f} s ({rate}/s)")
            else:
                done = f"{task.done} {unit} in " if task.done else ""
                note(f"{label}: {done}{seconds:.1f} s")

    def said(self, text: str) -> None:
        """What it is busy with is not worth a line each time."""

    def note(self, text: str) -> None:
        """A remark, as it comes."""
        note(text)
