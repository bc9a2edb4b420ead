"""Progress on a terminal: a bar with the amount, the rate and the time left for each task."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    DownloadColumn,
    TaskID,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
    TransferSpeedColumn,
)
from rich.progress import Progress as RichProgress
from rich.progress import Task as RichTask
from rich.table import Column
from rich.text import Text

from freehold.cli.terminal import console, printable
from freehold.progress import SILENT, Task

_WORTH_A_BAR = 1_000_000
"""Bytes."""


class _BarTask:
    def __init__(self, bars: RichProgress, task: TaskID) -> None:
        self._bars, self._task = bars, task

    def advance(self, amount: int) -> None:
        self._bars.advance(self._task, amount)

    def total(self, amount: int) -> None:
        self._bars.update(self._task, total=amount)


class _Amount(DownloadColumn):
    """How much is done: bytes as bytes, all else as a count."""

    def render(self, task: RichTask) -> Text:
        """For example `12.3/98.4 MB`, `31/197 files`; nothing where the whole is not known."""
        if task.fields["unit"] == "B":
            return super().render(task)
        known = task.total is not None
        return Text(f"{task.completed:.0f}/{task.total:.0f} {task.fields['unit']}" if known else "")


class _Rate(TransferSpeedColumn):
    """Bytes per second; a count has a time left, which says enough."""

    def render(self, task: RichTask) -> Text:
        """For example `11.2 MB/s`."""
        return super().render(task) if task.fields["unit"] == "B" else Text("")


class Bars:
    """Bars that appear with the first task and leave one line behind for each."""

    def __init__(self) -> None:
        self._bars: RichProgress | None = None
        self._running = 0
        self._lock = threading.Lock()

    @contextmanager
    def task(self, label: str, total: int | None = None, unit: str = "B") -> Iterator[Task]:
        """A bar for as long as the block runs. What is done in a blink gets none."""
        if total is not None and unit == "B" and total < _WORTH_A_BAR:
            with SILENT.task(label, total, unit) as silent:
                yield silent
            return
        bars = self._enter()
        try:
            name = printable(label)
            task = bars.add_task(name, total=total, label=name, unit=unit)
            yield _BarTask(bars, task)
            bars.update(task, description=name)
        finally:
            self._leave()

    def said(self, text: str) -> None:
        """What the latest task is busy with, beside its label."""
        if self._bars is not None and self._bars.tasks:
            latest = self._bars.tasks[-1]
            label = latest.fields["label"]
            self._bars.update(latest.id, description=printable(f"{label}: {text}"))

    def note(self, text: str) -> None:
        """A line above the bars."""
        if self._bars is not None:
            self._bars.console.print(printable(text))
        else:
            console(sys.stderr).print(printable(text))

    def _enter(self) -> RichProgress:
        with self._lock:
            self._running += 1
            if self._bars is None:
                whole = Column(no_wrap=True)
                self._bars = RichProgress(
                    TextColumn("{task.description}", table_column=Column(no_wrap=True, ratio=1)),
                    BarColumn(bar_width=16),
                    TaskProgressColumn(table_column=whole),
                    _Amount(table_column=whole),
                    _Rate(table_column=whole),
                    TimeRemainingColumn(compact=True, table_column=whole),
                    console=console(sys.stderr),
                    expand=True,
                )
                self._bars.start()
            return self._bars

    def _leave(self) -> None:
        with self._lock:
            self._running -= 1
            if self._running == 0 and self._bars is not None:
                self._bars.stop()
                self._bars = None
