"""What the facts of a machine mean for speed, one sentence each. No figure is promised."""

from __future__ import annotations

from collections.abc import Iterator

from freehold.device.machine import Device, MainMemory, PowerSource

_LITTLE_FREE = 0.15
_SELF_GOVERNED = {"intel_pstate", "intel_cpufreq", "amd-pstate-epp", "amd_pstate_epp"}


def hints(device: Device) -> tuple[str, ...]:
    """Sentences, the most useful first."""
    return tuple(_hints(device))


def _hints(device: Device) -> Iterator[str]:
    processor, memory, power = device.processor, device.memory, device.power
    if idle := device.idle_instruction_sets:
        yield (
            f"The processor can do more than the engine was built for: {', '.join(idle)}. "
            "To build one that uses all of it: freehold engine build"
        )
    for gpu in device.gpus:
        if not gpu.usable:
            yield f"The engine as it is installed cannot use the {gpu.name}."
    for limit in processor.limits:
        yield f"This process does not get the whole processor: {limit}."
    if memory.limit is not None:
        yield f"This process does not get the whole memory: {memory.limit}."
    if _is_scarce(memory):
        yield "Little memory is free: closing other programs leaves room for larger models."
    if power is not None and power.source is PowerSource.BATTERY:
        yield "On battery many machines compute more slowly than on mains."
    if power is not None and power.profile == "low-power":
        yield "The system's power mode is low-power: another one is faster."
    if processor.governor == "powersave" and processor.governor_driver not in _SELF_GOVERNED:
        yield "The clock's governor is powersave, which holds the processor at its lowest clock."
    if processor.throttled:
        yield f"Heat has slowed the processor {processor.throttled:,} times since it started."


def _is_scarce(memory: MainMemory) -> bool:
    free, total = memory.available, memory.total
    return free is not None and total is not None and free < _LITTLE_FREE * total
