"""Describe this machine: what the system tells of it, joined with what the engine sees."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.device.instruction_sets import ARITHMETIC
from freehold.device.machine import Device, EngineBuild, Gpu
from freehold.device.probe import probe
from freehold.errors import EngineError, UsageError

if TYPE_CHECKING:
    from freehold.device.calibration import Calibration
    from freehold.engine.devices import EngineView
    from freehold.engine.interface import Engine


def describe_device(store: Path, engine: Engine | None = None) -> Device:
    """Probe the machine; `store` is the folder whose disk matters. Nothing is measured.

    Without an engine the bundled one is asked. One that cannot be asked is named among what is
    unknown, with its reason.
    """
    with ThreadPoolExecutor(1) as background:  # the engine's process takes longest: begin with it
        asked = background.submit(_view, engine)
        device = probe(store)
        try:
            return join(device, *asked.result())
        except EngineError as error:
            return replace(
                device,
                unknown=(*device.unknown, f"which GPUs the engine can use. {error.message}"),
            )


def join(device: Device, name: str, view: EngineView) -> Device:
    """The machine with what the engine of that name says of it.

    Where it sees no GPU, those that the system knows of are kept as not usable.
    """
    from freehold.engine.devices import DeviceType

    graphics = {
        DeviceType.GPU: False,
        DeviceType.INTEGRATED_GPU: True,
        DeviceType.SOME_GPU: None,
    }
    gpus = tuple(
        Gpu(
            name=each.description or each.name,
            backend=each.backend,
            integrated=graphics[each.type],
            memory_total=each.memory_total,
            memory_free=each.memory_free,
        )
        for each in view.devices
        if each.type in graphics
    )
    used = tuple(each for each in view.features if each in ARITHMETIC)
    return replace(device, gpus=gpus or device.gpus, engine=EngineBuild(name, view.version, used))


def kept_calibration(home: Path, device: Device, engine: str | None = None) -> Calibration | None:
    """What was measured on this very machine with that engine; None where nothing was.

    `engine` is an engine's identity as text: another version, or another build of the same one, is
    another engine. None: whichever it was measured with.

    Raises FormatError for a file that is damaged.
    """
    from freehold.device.calibration import load_calibration

    kept = load_calibration(home)
    if kept is None:
        return None
    wanted = kept.engine if engine is None else engine
    return kept if kept.is_of(device.fingerprint, wanted) else None


def _view(engine: Engine | None) -> tuple[str, EngineView]:
    from freehold.engine.devices import EngineView, engine_view, listed_devices
    from freehold.engine.llama_cpp import BUNDLED, LlamaCppEngine
    from freehold.engine.llama_server import LlamaServerEngine

    if isinstance(engine, LlamaServerEngine):
        devices = listed_devices(engine.program)
        return engine.name, EngineView(engine.identity().version, devices, ())
    if isinstance(engine, LlamaCppEngine):
        return engine.name, engine_view(engine.folder)
    return BUNDLED, engine_view()


def read_device(path: Path) -> Device:
    """Another machine, from a file that `freehold device --json` wrote there.

    Raises UsageError when there is no such file, FormatError when it is not one.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            "On the other machine: freehold device --json > laptop.json",
        ) from error
    return Device.from_json(data, path.name)
