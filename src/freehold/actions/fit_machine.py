"""The machine that `fit` judges for: this one, one of a list, or one that a file describes.

It joins what the machine has with how memory and speed are predicted there, and says what that
stands on: a calibration of this machine, published figures of another, or nothing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.fit import DEPTH, USUAL_CONTEXT, Build, Capacity, Predictions
from freehold.device.estimates import RunShape
from freehold.errors import EngineError, FormatError, NotFound, StorageError

if TYPE_CHECKING:
    from freehold.device.calibration import Calibration
    from freehold.device.estimates import SpeedEstimate
    from freehold.device.machine import Device, Processor
    from freehold.engine.interface import Engine
    from freehold.progress import Progress
    from freehold.settings import Settings

MOST_RESERVED = 4 * 10**9
"""Bytes that a system and what else is open are taken to need, at most; a quarter of the memory on
smaller machines."""
_INSTRUCTIONS = {
    "avx512": {"AVX512", "AVX512_VNNI", "AVX512_VBMI", "AVX512_BF16"},
    "avx2": {"AVX2", "AVX512", "AVX512_VNNI"},
    "avx": {"AVX"},
    "i8mm": {"MATMUL_INT8", "I8MM"},
    "dotprod": {"DOTPROD"},
    "neon": {"NEON"},
}
"""Widest first. The engine's usual build stops at AVX2."""


@dataclass(frozen=True)
class FitMachine:
    """One machine, ready to be judged for."""

    device: Device
    capacity: Capacity
    predictions: Predictions
    calibration: Calibration | None
    """What speed is predicted from; None when it is not predicted."""
    title: str
    """What it is, for a heading."""
    is_here: bool


def this_machine(settings: Settings, progress: Progress, *, calibrate: bool) -> FitMachine:
    """The machine this runs on. With `calibrate` it is measured, unless that was done before.

    Otherwise speed stands on an earlier calibration, or is not predicted.
    """
    from freehold.actions.describe_device import describe_device
    from freehold.actions.engines import engine_for

    engine = engine_for(settings)
    device = describe_device(settings.home, engine)
    found = _calibration(device, engine, settings, progress, measure=calibrate)
    usable = usable_memory(device.memory.total)
    return _machine(device, "this machine", usable, found, settings=settings)


def other_machine(text: str) -> FitMachine:
    """A machine by its name in the list, or by a file that `freehold device --json` wrote there.

    Raises NotFound with close names, UsageError, FormatError.
    """
    from freehold.actions.describe_device import read_device
    from freehold.device.named import titles

    path = Path(text).expanduser()
    if path.is_file() or text.endswith(".json"):
        device = read_device(path)
        usable = usable_memory(device.memory.total)
        calibration = _measured_there(path, device) or published(device)
        return _machine(device, device.name or path.stem, usable, calibration)
    device = _named(text)
    usable = device.memory.available  # in the list: what a model may be counted on to get
    machine = _machine(device, device.name or text, usable, published(device))
    return replace(machine, title=titles()[device.name or text])


def usable_memory(total: int | None) -> int | None:
    """Bytes of the machine's memory that a model may be counted on to get."""
    return None if total is None else total - min(MOST_RESERVED, total // 4)


def published(device: Device) -> Calibration | None:
    """What steps would cost there by its published figures; None where those are too few."""
    from freehold.device.published import specified

    processor, bandwidth = device.processor, device.memory.bandwidth
    cores = _fast_cores(processor)
    if bandwidth is None or cores is None:
        return None
    clock = None if processor.max_mhz is None else processor.max_mhz * 1e6
    return specified(float(bandwidth), cores, _instruction_class(device), clock)


def _measured_there(path: Path, device: Device) -> Calibration | None:
    """What was measured on the machine that the file describes, where the file says it."""
    from freehold.device.calibration import calibration_from
    from freehold.device.machine import read_document

    told = read_document(path.read_bytes(), path.name).get("calibration")
    if not isinstance(told, dict):
        return None
    calibration = calibration_from(told, f"The calibration in {path.name}")
    return calibration if calibration.device == device.fingerprint else None


def _calibration(
    device: Device, engine: Engine, settings: Settings, progress: Progress, *, measure: bool
) -> Calibration | None:
    """What is kept of this machine with this engine; else what is measured now, where it may be.

    What keeps it from being measured is no reason not to answer at all.
    """
    from freehold.actions.calibrate import calibrate
    from freehold.actions.describe_device import kept_calibration
    from freehold.actions.engines import identity_of

    try:
        identity = str(identity_of(settings, engine))
        kept = kept_calibration(settings.home, device, identity)
        if kept is not None:
            return kept
    except FormatError as error:
        progress.note(error.message)
    except EngineError as error:
        progress.note(f"No speed is predicted: {error.message}")
        return None
    if not measure:
        return None
    progress.note("This machine is measured once, which takes about half a minute.")
    try:
        return calibrate(settings.home, engine, identity, settings.threads, progress)
    except (EngineError, StorageError) as error:
        progress.note(f"It could not be measured, so no speed is predicted: {error.message}")
        return None


def _named(name: str) -> Device:
    from freehold.device.named import machines

    known = {(device.name or "").lower(): device for device in machines()}
    if name.lower() in known:
        return known[name.lower()]
    near = get_close_matches(name.lower(), known, 3, 0.4)
    meant = f"Did you mean {' or '.join(near)}? " if near else ""
    raise NotFound(
        f"There is no machine called {name!r} in the list, and no such file.",
        f"{meant}`freehold fit --device list` shows them; `freehold device --json > laptop.json` "
        "on that machine describes any other.",
    )


def _fast_cores(processor: Processor) -> int | None:
    """Cores of the fastest kind: what a prompt is computed with."""
    if processor.core_groups:
        first = processor.core_groups[0]
        return first.physical or first.logical
    return processor.physical_cores or processor.logical_cores


def _instruction_class(device: Device) -> str:
    """The widest instructions that the processor has and the engine's usual build uses."""
    have = device.processor.instruction_sets
    built = device.engine.instruction_sets if device.engine is not None else ()
    used = {each for each in have if not built or each in built}
    for word, names in _INSTRUCTIONS.items():
        if used & names and (built or word != "avx512"):
            return word
    return "sse" if device.processor.architecture == "x86_64" else "none"


def _machine(
    device: Device,
    name: str,
    usable: int | None,
    calibration: Calibration | None,
    *,
    settings: Settings | None = None,
) -> FitMachine:
    """`settings` say where what was measured here is kept; None for another machine."""
    from freehold.device.memory_need import memory_need

    is_here = settings is not None
    free = device.memory.available if is_here else None
    return FitMachine(
        device,
        Capacity(name, device.memory.total, usable, free),
        Predictions(memory_need, _speed_of(calibration, settings), _run(device, is_here=is_here)),
        calibration,
        name[:1].upper() + name[1:],
        is_here,
    )


def _run(device: Device, *, is_here: bool) -> RunShape:
    """How the engine runs models there: which rearranged copies it makes depends on it."""
    usual = RunShape(USUAL_CONTEXT)
    if is_here:
        return usual
    if device.engine is not None and device.engine.instruction_sets:
        return replace(usual, instruction_sets=device.engine.instruction_sets)
    have = device.processor.instruction_sets
    return replace(usual, instruction_sets=tuple(each for each in have if "AVX512" not in each))


def _speed_of(
    calibration: Calibration | None, settings: Settings | None
) -> Callable[[Build, RunShape], SpeedEstimate | None]:
    from freehold.actions.learning import Runs, refined_speed
    from freehold.device.speed import predict_speed

    def predict(build: Build, run: RunShape) -> SpeedEstimate | None:
        if calibration is None or not build.shape.layers:
            return None
        depth = min(DEPTH, run.context)
        if settings is not None and (owned := build.owned) is not None:
            plan = replace(owned.plan, context=run.context)
            runs = Runs(settings, owned.digest, owned.engine, plan)
            return refined_speed(runs, build.shape, calibration, depth)
        return predict_speed(build.shape, run, calibration, depth)

    return predict
