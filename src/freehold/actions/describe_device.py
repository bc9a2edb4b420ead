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
    from freehold.engine.devices import EngineView


def describe_device(store: Path) -> Device:
    """Probe the machine; `store` is the folder whose disk matters. Nothing is measured.

    An engine that cannot be asked is named among what is unknown, with its reason.
    """
    from freehold.engine.devices import engine_view

    with ThreadPoolExecutor(1) as background:  # the engine's process takes longest: begin with it
        asked = background.submit(engine_view)
        device = probe(store)
        try:
            view = asked.result()
        except EngineError as error:
            return replace(
                device,
                unknown=(*device.unknown, f"which GPUs the engine can use. {error.message}"),
            )
    return join(device, view)


def join(device: Device, view: EngineView) -> Device:
    """The machine with what the engine says of it."""
    from freehold.engine.devices import DeviceType

    graphics = {DeviceType.GPU: False, DeviceType.INTEGRATED_GPU: True}
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
    return replace(device, gpus=gpus, engine=EngineBuild("llama.cpp", view.version, used))


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
