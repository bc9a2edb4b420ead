"""What stands above and below a table of fits: which machine, and how sure the figures are."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from freehold.actions.fit import DEPTH
from freehold.actions.fit_words import whole_bytes
from freehold.device.estimates import Basis

_NOT_BY_RUN = {"vision", "speech", "embedding", "rerank"}

if TYPE_CHECKING:
    from freehold.actions.ask_fit import FitReport
    from freehold.actions.fit import FitRow


def head_line(report: FitReport) -> str:
    """The machine in a line: `This machine: AMD Ryzen 5, 6 cores, 16 GB, 9.1 GB free`."""
    device, capacity = report.machine.device, report.machine.capacity
    words = [device.processor.name] if device.processor.name else []
    if (cores := device.processor.usable_cores) is not None:
        words.append(f"{cores:g} core{'' if cores == 1 else 's'}")
    words.append("memory not known" if capacity.total is None else whole_bytes(capacity.total))
    if capacity.free is not None:
        words.append(f"{whole_bytes(capacity.free)} free now")
    return f"{report.machine.title}: {', '.join(words)}"


def foot_lines(report: FitReport) -> Iterator[str]:
    """How each figure comes about, and how sure it is."""
    yield _memory_line(report)
    yield _speed_line(report)
    if any(gpu.usable and not gpu.integrated for gpu in report.machine.device.gpus):
        yield "The graphics card's own memory and speed are not counted."
    if beyond := sorted({a.task for a in report.answers if a.model} & _NOT_BY_RUN):
        yield f"`freehold run` takes and gives text alone so far; not yet: {', '.join(beyond)}."
    measured = [row for row in _rows(report) if _is_measured(row)]
    if measured:
        names = ", ".join(sorted({row.subject.name for row in measured}))
        yield f"Measured in your own runs: {names}."
    if any(a.model is not None and a.benchmark is None for a in report.answers):
        yield "Where no quality figures are listed, the largest that is fast enough is named."
    if any(row.subject.quality for row in _rows(report)):
        yield "Quality: public figures, `freehold fit MODEL` says whose; compare within one only."


def _memory_line(report: FitReport) -> str:
    capacity = report.machine.capacity
    told = f"Memory: predicted for a context of {report.wishes.context:,} tokens"
    if report.wishes.now and capacity.free is not None:
        return f"{told}; {whole_bytes(capacity.free)} is free at this moment."
    if capacity.usable is None or capacity.total is None:
        return f"{told}; how much {capacity.name} has is not known."
    kept = whole_bytes(capacity.total - capacity.usable)
    return (
        f"{told}; {whole_bytes(capacity.usable)} of {whole_bytes(capacity.total)} is counted on, "
        f"{kept} is left to the system."
    )


def _speed_line(report: FitReport) -> str:
    calibration, device = report.machine.calibration, report.machine.device
    if calibration is None:
        if report.machine.is_here:
            return (
                "Speed: not predicted, since this machine was never measured: "
                "`freehold device --calibrate` takes about half a minute."
            )
        return (
            f"Speed: not predicted, since no figures of {report.machine.capacity.name} are known."
        )
    band = f"with {DEPTH:,} tokens in the context; nine of ten runs should lie in the band"
    if calibration.basis is Basis.SPECIFIED:
        whose = device.name or report.machine.capacity.name
        return f"Speed: from published figures of {whose}, nothing measured there, {band}."
    return f"Speed: from what was measured on the machine{_day(calibration.when)}, {band}."


def _rows(report: FitReport) -> list[FitRow]:
    return [*report.rows, *(named.best for named in report.named)]


def _is_measured(row: FitRow) -> bool:
    return row.speed is not None and row.speed.decode.basis is Basis.MEASURED


def _day(when: str) -> str:
    try:
        return f" on {datetime.fromisoformat(when):%Y-%m-%d}"
    except ValueError:
        return ""  # kept by an older version, without a date
