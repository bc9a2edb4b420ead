"""This machine, all of it that the processor's side can tell. What the engine sees is added above.

Nothing here is measured and nothing takes long. `root` is the folder that `proc` and `sys` are in,
so that another machine's recorded files can be probed as well.
"""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path

from freehold.device.control_group import ROOT
from freehold.device.disk import disk
from freehold.device.graphics import linux_gpus
from freehold.device.machine import Device, MainMemory, Power, Processor
from freehold.device.memory import memory
from freehold.device.power import linux_power, psutil_power
from freehold.device.processor import architecture, linux_processor


def probe(store: Path | None = None, root: Path = ROOT) -> Device:
    """Look at this machine; `store` is the folder whose disk matters."""
    found = Device(
        processor=processor(root),
        memory=main_memory(root),
        gpus=linux_gpus(root) if sys.platform == "linux" else (),
        disk=None if store is None else disk(store, root),
        power=_power(root),
        system=platform.system(),
    )
    return Device(**{**vars(found), "unknown": tuple(unknown(found))})


def fingerprint(root: Path = ROOT) -> str:
    """`Device.fingerprint` of this machine, by the shortest way."""
    return Device(processor=processor(root), memory=main_memory(root)).fingerprint


def processor(root: Path = ROOT) -> Processor:
    """This machine's processor, as its system tells."""
    if sys.platform == "darwin":
        from freehold.device.macos import macos_processor, sysctl

        return macos_processor(sysctl())
    if sys.platform == "win32":
        from freehold.device.windows import windows_processor

        return windows_processor(architecture(platform.machine()))
    return linux_processor(os.uname().machine, root)


def main_memory(root: Path = ROOT) -> MainMemory:
    """Memory now, with swap."""
    found = memory(root)
    return MainMemory(
        total=found.total,
        available=found.available,
        swap_total=found.swap_total,
        swap_free=found.swap_free,
        limit="its control group has a limit" if found.limited else None,
        unified=True if sys.platform == "darwin" and os.uname().machine == "arm64" else None,
    )


def unknown(device: Device) -> Iterator[str]:
    """What is missing, in words, so that nobody takes silence for a no."""
    processor, memory, disk = device.processor, device.memory, device.disk
    missing = {
        "what the processor is called": processor.name is None,
        "its instruction sets": not processor.instruction_sets,
        "how many physical cores there are": processor.physical_cores is None,
        "how many logical cores there are": processor.logical_cores is None,
        "the share of the cores that this process gets": processor.usable_cores is None,
        "the size of its caches": processor.cache is None,
        "how much memory there is": memory.total is None,
        "how much memory is free": memory.available is None,
        "how much swap there is": memory.swap_total is None,
        "how large the disk is": disk is not None and disk.total is None,
        "what kind of disk it is": disk is not None and disk.kind is None,
        "whether it runs on battery or mains": device.power is None,
    }
    return (words for words, is_missing in missing.items() if is_missing)


def _power(root: Path) -> Power | None:
    return linux_power(root) if sys.platform == "linux" else psutil_power()
