"""Read a bill from a file, standard input or an address, and class its clauses.

An address is fetched: it is the one thing here that goes out, and it is asked for by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from freehold.errors import FormatError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from collections.abc import Callable

    from freehold.civic.clauses.report import Report
    from freehold.civic.clauses.scale import Machine
    from freehold.settings import Settings

LARGEST = 64 << 20
"""Bytes that are fetched at most."""


@dataclass(frozen=True)
class BillRead:
    """A bill's report and where it came from."""

    report: Report
    source: str
    fetched: bool
    """Whether it came over the network."""


def read_bill_from(
    source: str,
    settings: Settings,
    progress: Progress = SILENT,
    standard_input: Callable[[], bytes] | None = None,
) -> BillRead:
    """Read and class what `source` names: a path, `-`, or an http(s) address.

    Raises UsageError for what is no bill or cannot be read, SourceError for an address.
    """
    data, name, fetched = _bytes(source, settings, progress, standard_input)
    return BillRead(read_bytes(data, name), source, fetched)


def read_bytes(data: bytes, name: str = "") -> Report:
    """Read and class a bill that is at hand. Raises UsageError for what is no bill."""
    from freehold.civic.bills.checking import QuoteCheck
    from freehold.civic.bills.read import read_bill
    from freehold.civic.clauses.class_bill import class_bill

    bill = read_bill(data, name)
    return class_bill(bill, QuoteCheck(bill, data).holds)


def _bytes(
    source: str,
    settings: Settings,
    progress: Progress,
    standard_input: Callable[[], bytes] | None,
) -> tuple[bytes, str, bool]:
    if source == "-":
        if standard_input is None:
            raise UsageError("There is no standard input here.", "Give a file.")
        return standard_input(), "standard input", False
    if urlsplit(source).scheme in ("http", "https"):
        from freehold.actions.network import Network

        progress.note(f"Fetching {source}: the one thing here that goes over the network.")
        with Network(settings, progress) as network:
            data = network.connect().get_bytes(source, LARGEST, what=source)
        return data, urlsplit(source).path.rpartition("/")[2] or source, True
    path = Path(source).expanduser()
    try:
        size = path.stat().st_size
        if size > LARGEST:
            raise UsageError(f"{source} has {size >> 20} MB: no bill does.", "Give its text alone.")
        return path.read_bytes(), path.name, False
    except OSError as error:
        raise UsageError(
            f"{source} cannot be read: {error.strerror}.",
            "Give a file with a bill's text, XML, HTML or PDF, or - for standard input.",
        ) from error


def this_machine(settings: Settings, progress: Progress = SILENT) -> Machine:
    """What this machine computes in a second, measured; else an assumption that says so."""
    from freehold.civic.clauses.scale import Machine
    from freehold.device.calibration import load_calibration
    from freehold.device.probe import fingerprint

    try:
        kept = load_calibration(settings.home)
    except FormatError as error:
        progress.note(f"{error.message} A usual laptop is assumed.")
        return Machine()
    if kept is None or not kept.is_of(fingerprint(), kept.engine):
        return Machine()
    rates = [rate for each in kept.types if (rate := kept.compute_rate(each))]
    return Machine(2 * max(rates), True) if rates else Machine()
