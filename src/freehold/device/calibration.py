"""What steps cost on one machine: measured once, kept, and refused when the machine has changed.

The file is `device/calibration.json` in Freehold's home. It names the machine and the engine it
was measured with; anything else is another machine's, and says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from freehold.device import costs
from freehold.device.estimates import Basis
from freehold.device.kept import read_kept, write_kept
from freehold.device.plain import from_plain, to_plain
from freehold.errors import FormatError
from freehold.formats.gguf_types import BLOCK_TYPES

FORMAT = "freehold-calibration"
VERSION = 2
"""Of the file. Another version is not read: calibrating again takes half a minute."""


@dataclass(frozen=True)
class Cost:
    """What one of a kind takes. Kinds are those of `costs`."""

    kind: str
    seconds: float
    spread: float
    """Of the times it was found from: one standard deviation over the middle."""


@dataclass(frozen=True)
class Bandwidth:
    """Bytes per second that memory gives to a plain read: to one thread, and to all."""

    one_thread: float
    all_threads: float
    spread: float = 0.0


@dataclass(frozen=True)
class Calibration:
    """One machine with one engine."""

    device: str
    """`Device.fingerprint` of the machine."""
    engine: str
    """Which engine, in full: name, version and what it was built to use, as one text."""
    costs: tuple[Cost, ...]
    bandwidth: Bandwidth | None
    basis: Basis = Basis.CALIBRATED
    processor: str | None = None
    threads: int = 1
    """That the engine answers with."""
    residual: float = 0.0
    """How far the costs are from the times they were found from, in proportion."""
    busy: float = 0.0
    """The share of the machine that other programs used meanwhile."""
    when: str = ""
    """Date and time, UTC."""

    @cached_property
    def by_kind(self) -> dict[str, Cost]:
        """Costs by their kind."""
        return {cost.kind: cost for cost in self.costs}

    def read_rate(self, block_type: str) -> float | None:
        """Bytes of weights per second in a decode step; None where it was not measured."""
        cost = self.by_kind.get(f"{costs.READ}:{block_type}")
        return 1 / cost.seconds if cost and cost.seconds > 0 else None

    def compute_rate(self, block_type: str) -> float | None:
        """Multiplications and additions per second in a prompt; None where not measured."""
        cost = self.by_kind.get(f"{costs.COMPUTE}:{block_type}")
        return 1 / cost.seconds if cost and cost.seconds > 0 else None

    @property
    def types(self) -> tuple[str, ...]:
        """The block types that were measured, as ggml numbers them."""
        names = (block.name for block in BLOCK_TYPES.values())
        return tuple(name for name in names if f"{costs.READ}:{name}" in self.by_kind)

    def is_of(self, device: str, engine: str) -> bool:
        """Whether it was measured on this machine with this engine."""
        return (self.device, self.engine) == (device, engine)


def calibration_path(home: Path) -> Path:
    """Where the calibration is kept."""
    return home / "device" / "calibration.json"


def load_calibration(home: Path) -> Calibration | None:
    """The one that is kept, of whatever machine; None without any.

    Raises FormatError for a file that is damaged.
    """
    document = read_kept(calibration_path(home))
    return None if document is None else calibration_from(document, str(calibration_path(home)))


def save_calibration(home: Path, calibration: Calibration) -> None:
    """Keep it in place of the one before. Raises StorageError."""
    write_kept(calibration_path(home), calibration_document(calibration))


def calibration_document(calibration: Calibration) -> dict[str, Any]:
    """As JSON holds it."""
    return {"format": FORMAT, "version": VERSION, **to_plain(calibration)}


def calibration_from(document: dict[str, Any], what: str) -> Calibration:
    """Read a document; `what` is what to call it. Raises FormatError."""
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise FormatError(
            f"{what} is not a calibration that this Freehold can read.",
            "Measure again: freehold device --calibrate",
        )
    try:
        return from_plain(Calibration, document, what)
    except FormatError as error:
        raise FormatError(error.message, "Measure again: freehold device --calibrate") from error
