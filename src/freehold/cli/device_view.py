"""A machine as a person reads it: one line for each thing, bars on a terminal, hints below."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING

from freehold.cli.terminal import console, printable
from freehold.device.hints import hints
from freehold.device.machine import DiskKind, PowerSource
from freehold.units import human_bytes

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from freehold.device.machine import CoreGroup, Device, Disk, Gpu, MainMemory, Power, Processor

_BAR_CELLS = 24
_DISKS = {
    DiskKind.SOLID: "solid state",
    DiskKind.SPINNING: "spinning disk",
    DiskKind.NETWORK: "over the network",
    DiskKind.MEMORY: "in memory: gone at the next start",
}
Row = tuple[str, str, float | None]
"""Label, words, and the share in use where a bar can show it."""


def show_device(device: Device) -> None:
    """Print it; data on standard output, with what it means below."""
    from rich.text import Text

    out, bullet = console(sys.stdout), "•" if sys.stdout.isatty() else "-"
    if sys.stdout.isatty():
        _show_table(device, out)
    else:
        for label, words, _ in device_rows(device):
            out.print(Text(f"{label:<9}  {printable(words)}"))
    for sentence in hints(device):
        out.print(Text.assemble((f"{bullet} ", "yellow"), printable(sentence)))
    if device.unknown:
        out.print(Text(printable("Not known: " + "; ".join(device.unknown)), "dim"))


def _show_table(device: Device, out: Console) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2, 0, 0))
    table.add_column(style="bold cyan", no_wrap=True)
    table.add_column()
    for label, words, share in device_rows(device):
        bar = () if share is None else (_bar(share), "  ")
        table.add_row(label, Text.assemble(*bar, printable(words)))
    out.print(table)


def device_rows(device: Device) -> Iterator[Row]:
    """Everything that is known, in words."""
    processor = device.processor
    if device.name is not None:
        yield "Machine", device.name, None
    yield "Processor", _processor(processor), None
    yield "Cores", _cores(processor), None
    if processor.instruction_sets:
        yield "It can", ", ".join(processor.instruction_sets), None
    yield "Memory", *_memory(device.memory)
    if device.memory.swap_total:
        yield "Swap", *_free_of(device.memory.swap_free, device.memory.swap_total)
    if device.disk is not None:
        yield "Disk", *_disk(device.disk)
    for gpu in device.gpus:
        yield "GPU", *_gpu(gpu)
    if not device.gpus and device.engine is not None:
        yield "GPU", "none that the engine sees", None
    if device.power is not None:
        yield "Power", _power(device.power), None
    if device.engine is not None:
        engine = device.engine
        built = f", built for {', '.join(engine.instruction_sets)}"
        words = " ".join(filter(None, ("llama.cpp,", engine.name, engine.version)))
        yield "Engine", words + (built if engine.instruction_sets else ""), None


def _processor(processor: Processor) -> str:
    words = [processor.name or "not known"]
    words += [processor.architecture] if processor.architecture else []
    words += [f"up to {processor.max_mhz / 1000:.1f} GHz"] if processor.max_mhz else []
    words += [f"{human_bytes(processor.cache)} of cache"] if processor.cache else []
    words += ["a virtual machine's"] if processor.virtual else []
    return ", ".join(words)


def _cores(processor: Processor) -> str:
    physical, logical = processor.physical_cores, processor.logical_cores
    if logical is None and physical is None:
        words = "not known"
    elif physical in {None, logical}:
        words = f"{logical}"
    elif logical is None:
        words = f"{physical} physical"
    else:
        words = f"{physical} physical, {logical} logical"
    if processor.core_groups:
        words += f" ({', '.join(map(_core_group, processor.core_groups))})"
    usable = processor.usable_cores
    if usable is not None and logical is not None and usable < logical:
        words += f"; this process gets {usable:g}"
    return words


def _core_group(group: CoreGroup) -> str:
    clock = f" at up to {group.max_mhz / 1000:.1f} GHz" if group.max_mhz else ""
    return f"{group.physical or group.logical} {group.kind}{clock}"


def _memory(memory: MainMemory) -> tuple[str, float | None]:
    words, share = _free_of(memory.available, memory.total)
    words += ", shared with the GPU" if memory.unified else ""
    words += f", {human_bytes(memory.bandwidth)}/s as stated" if memory.bandwidth else ""
    return words, share


def _disk(disk: Disk) -> tuple[str, float | None]:
    words, share = _free_of(disk.free, disk.total)
    more = [_DISKS[disk.kind]] if disk.kind is not None else []
    more += [disk.filesystem] if disk.filesystem else []
    return ", ".join([words, *more]), share


def _gpu(gpu: Gpu) -> tuple[str, float | None]:
    words, share = _free_of(gpu.memory_free, gpu.memory_total)
    more = [] if gpu.memory_total is None else [words]
    more += [gpu.backend] if gpu.backend else []
    more += ["integrated"] if gpu.integrated else []
    more += [] if gpu.usable else ["not usable by the engine"]
    return ", ".join([gpu.name, *more]), share


def _power(power: Power) -> str:
    profile = f", power mode {power.profile}" if power.profile else ""
    if power.battery_percent is None and power.source is None:
        return "no battery that the system knows of" + profile
    battery = "" if power.battery_percent is None else f"battery at {power.battery_percent}%"
    if power.charging:
        battery += ", charging"
    on = {PowerSource.MAINS: "on mains", PowerSource.BATTERY: "on battery", None: ""}[power.source]
    return ", ".join(filter(None, (on, battery))) + profile


def _free_of(free: int | None, total: int | None) -> tuple[str, float | None]:
    if total is None:
        return "not known" if free is None else f"{human_bytes(free)} free", None
    if free is None:
        return human_bytes(total), None
    return f"{human_bytes(free)} free of {human_bytes(total)}", 1 - free / total if total else None


def _bar(share: float) -> Text:
    from rich.text import Text

    full = min(_BAR_CELLS, max(0, round(share * _BAR_CELLS)))
    colour = "green" if share < 0.7 else "yellow" if share < 0.9 else "red"
    return Text.assemble(("█" * full, colour), ("░" * (_BAR_CELLS - full), "dim"))
