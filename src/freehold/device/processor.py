"""The processor of a Linux machine: what it is called, what it can, how its clock is governed."""

from __future__ import annotations

from pathlib import Path

from freehold.device.control_group import ROOT
from freehold.device.cores import linux_cores, max_mhz, share_of_cores
from freehold.device.instruction_sets import LINUX, by_flags
from freehold.device.machine import Processor
from freehold.device.readings import read_int, read_text

_ARCHITECTURES = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64", "armv8l": "arm64"}
_MULTIPLES = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

# ARM's own part numbers: /proc/cpuinfo gives nothing else.
_ARM_PARTS = {
    0xD03: "Cortex-A53", 0xD04: "Cortex-A35", 0xD05: "Cortex-A55", 0xD07: "Cortex-A57",
    0xD08: "Cortex-A72", 0xD09: "Cortex-A73", 0xD0A: "Cortex-A75", 0xD0B: "Cortex-A76",
    0xD0C: "Neoverse-N1", 0xD0D: "Cortex-A77", 0xD40: "Neoverse-V1", 0xD41: "Cortex-A78",
    0xD44: "Cortex-X1", 0xD46: "Cortex-A510", 0xD47: "Cortex-A710", 0xD48: "Cortex-X2",
    0xD49: "Neoverse-N2", 0xD4B: "Cortex-A78C", 0xD4D: "Cortex-A715", 0xD4E: "Cortex-X3",
    0xD4F: "Neoverse-V2", 0xD80: "Cortex-A520", 0xD81: "Cortex-A720", 0xD82: "Cortex-X4",
}  # fmt: skip


def architecture(machine: str) -> str:
    """One spelling for what each system calls differently."""
    return _ARCHITECTURES.get(machine.lower(), machine.lower())


def linux_processor(machine: str, root: Path = ROOT, allowed: int | None = None) -> Processor:
    """Read it from the kernel's files; `root` is the folder that `proc` and `sys` are in."""
    blocks = _blocks(read_text(root / "proc/cpuinfo") or "")
    flags = _flags(blocks)
    cores = linux_cores(root)
    share = share_of_cores(cores.logical, root, allowed)
    first = root / "sys/devices/system/cpu/cpu0"
    return Processor(
        name=_name(blocks, read_text(root / "proc/device-tree/model")),
        architecture=architecture(machine),
        instruction_sets=by_flags(LINUX, flags),
        physical_cores=cores.physical,
        logical_cores=cores.logical,
        core_groups=cores.groups,
        usable_cores=share.usable,
        limits=share.limits,
        cache=_cache(first / "cache"),
        max_mhz=max_mhz(first.parent, tuple(range(cores.logical or 0))),
        governor=read_text(first / "cpufreq/scaling_governor"),
        governor_driver=read_text(first / "cpufreq/scaling_driver"),
        throttled=_throttled(first.parent),
        # x86 has a bit for it; its absence elsewhere says nothing
        virtual="hypervisor" in flags if architecture(machine) == "x86_64" and flags else None,
    )


def _blocks(cpuinfo: str) -> list[dict[str, str]]:
    """One for each core, and on some machines one for the board."""
    blocks: list[dict[str, str]] = [{}]
    for line in cpuinfo.splitlines():
        key, colon, value = line.partition(":")
        if colon:
            blocks[-1][key.strip()] = value.strip()
        elif blocks[-1]:
            blocks.append({})
    return [block for block in blocks if block]


def _flags(blocks: list[dict[str, str]]) -> frozenset[str]:
    """What every core can: a program may be moved to any of them."""
    found: list[frozenset[str]] = []
    for block in blocks:
        words = (block.get("flags") or block.get("Features") or block.get("features") or "").split()
        if isa := block.get("isa"):  # RISC-V: rv64imafdcv_zicsr_…
            letters, *more = isa.removeprefix("rv64").removeprefix("rv32").split("_")
            words += [*letters, *more]
        if words:
            found.append(frozenset(words))
    return frozenset.intersection(*found) if found else frozenset()


def _name(blocks: list[dict[str, str]], board: str | None) -> str | None:
    said: dict[str, str] = {}
    for block in blocks:
        said = block | said
    if name := said.get("model name"):
        return name
    parts = dict.fromkeys(filter(None, map(_arm_core, blocks)))
    cores = " + ".join(reversed(parts))  # the kernel lists the small cores first
    board = board or said.get("Model") or said.get("Hardware")
    return f"{board} ({cores})" if board and cores else board or cores or said.get("uarch")


def _arm_core(block: dict[str, str]) -> str | None:
    maker, part = block.get("CPU implementer"), block.get("CPU part")
    if maker is None or part is None:
        return None
    try:
        return _ARM_PARTS.get(int(part, 16)) if int(maker, 16) == 0x41 else None
    except ValueError:
        return None


def _throttled(folder: Path) -> int | None:
    counts = map(read_int, folder.glob("cpu*/thermal_throttle/core_throttle_count"))
    return max((count for count in counts if count is not None), default=None)


def _cache(folder: Path) -> int | None:
    sizes = [_bytes(read_text(path)) for path in folder.glob("index*/size")]
    return max((size for size in sizes if size), default=None)


def _bytes(text: str | None) -> int | None:
    if not text or text[-1] not in _MULTIPLES or not text[:-1].isdigit():
        return None
    return int(text[:-1]) * _MULTIPLES[text[-1]]
