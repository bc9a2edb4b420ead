"""The machine that `fit` judges for: this one, one of a list, or one that a file describes.

It joins what the machine has with how memory and speed are predicted there, and says what that
stands on: a calibration of this machine, published figures of another, or nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.fit import DEPTH, Build, Capacity, Predictions
from freehold.errors import NotFound, UsageError

if TYPE_CHECKING:
    from freehold.device.calibration import Calibration
    from freehold.device.estimates import RunShape, SpeedEstimate
    from freehold.device.machine import Device
    from freehold.progress import Progress
    from freehold.settings import Settings

MOST_RESERVED = 2 * 10**9
"""Bytes that a system and what else is open are taken to need, at most; a quarter of the memory on
smaller machines."""


@dataclass(frozen=True)
class FitMachine:
    """One machine, ready to be judged for."""

    device: Device
    capacity: Capacity
    predictions: Predictions
    calibration: Calibration | None
    """What speed is predicted from; None when it is not predicted."""
    is_here: bool


def this_machine(settings: Settings, progress: Progress, *, calibrate: bool) -> FitMachine:
    """The machine this runs on. With `calibrate` it is measured, unless that was done before.

    Otherwise speed stands on an earlier calibration, or is not predicted.
    """
    from freehold.actions.calibrate import calibrated
    from freehold.actions.describe_device import describe_device

    device = describe_device(settings.home)
    found = calibrated(settings, progress, measure=calibrate)
    return _machine(device, "this machine", found, is_here=True)


def other_machine(text: str) -> FitMachine:
    """A machine by its name in the list, or by a file that `freehold device --json` wrote there.

    Raises NotFound with close names, UsageError, FormatError.
    """
    from freehold.actions.describe_device import read_device
    from freehold.device.named import find
    from freehold.device.speed import specified

    path = Path(text).expanduser()
    if path.is_file() or text.endswith(".json"):
        device = read_device(path)
        return _machine(device, device.name or path.stem, specified(device), is_here=False)
    device = named_machine(text)
    return _machine(device, device.name or text, specified(device), is_here=False)


def usable_memory(total: int | None) -> int | None:
    """Bytes of the machine's memory that a model may be counted on to get."""
    return None if total is None else total - min(MOST_RESERVED, total // 4)


def _machine(
    device: Device, name: str, calibration: Calibration | None, *, is_here: bool
) -> FitMachine:
    from freehold.device.memory_need import memory_need

    total = device.memory.total
    free = device.memory.available if is_here else None
    return FitMachine(
        device,
        Capacity(name, total, usable_memory(total), free),
        Predictions(memory_need, _speed(calibration)),
        calibration,
        is_here,
    )
