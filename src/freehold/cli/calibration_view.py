"""What a machine was measured to do: how fast it reads and computes, for each block type."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from freehold.cli.terminal import console, printable
from freehold.units import human_bytes

if TYPE_CHECKING:
    from rich.text import Text

    from freehold.device.calibration import Calibration

_CELLS = 16


def show_calibration(calibration: Calibration | None) -> None:
    """Print it as a table, with bars on a terminal; or say how it is had."""
    from rich.table import Table
    from rich.text import Text

    out = console(sys.stdout)
    if calibration is None:
        out.print(Text("Speed was not measured here yet: freehold device --calibrate", "dim"))
        return
    when = calibration.when[:10]
    out.print()
    out.print(Text(printable(f"Measured {when} with {calibration.engine}".strip()), "bold"))
    if calibration.bandwidth is not None:
        one, every = calibration.bandwidth.one_thread, calibration.bandwidth.all_threads
        words = f"Memory gives {_rate(every)} to all threads, {_rate(one)} to one."
        out.print(Text(words))
    rates = [
        (name, calibration.read_rate(name), calibration.compute_rate(name))
        for name in calibration.types
    ]
    most_read = max((read for _, read, _ in rates if read), default=0.0)
    most_computed = max((computed for _, _, computed in rates if computed), default=0.0)
    table = Table(box=None, pad_edge=False, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("WEIGHTS", no_wrap=True)
    table.add_column("READ FOR AN ANSWER", no_wrap=True)
    table.add_column("COMPUTED IN A PROMPT", no_wrap=True)
    for name, read, computed in rates:
        table.add_row(
            name,
            _cell(read, most_read, _rate, "cyan"),
            _cell(computed, most_computed, _operations, "magenta"),
        )
    out.print(table)


def _rate(value: float) -> str:
    return f"{human_bytes(int(value))}/s"


def _operations(value: float) -> str:
    return f"{value / 1e9:.1f} GFLOP/s"


def _cell(value: float | None, most: float, words: Callable[[float], str], colour: str) -> Text:
    from rich.text import Text

    if value is None:
        return Text("not measured", "dim")
    said = words(value)
    if not sys.stdout.isatty():
        return Text(said)
    full = max(1, round(value / most * _CELLS))
    bar = Text.assemble(("█" * full, colour), ("░" * (_CELLS - full), "dim"))
    return Text.assemble(bar, f" {said:>14}")
