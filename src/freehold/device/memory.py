"""How much memory this process may really use: the machine's, or less inside a container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.device.control_group import ROOT, control_groups
from freehold.device.readings import read_int, read_text

_NO_LIMIT = 1 << 60
"""Version 1 has no word for "no limit": it shows a number near 2^63."""


@dataclass(frozen=True)
class Memory:
    """Bytes of memory: `total` that there is, `available` without pushing anything out."""

    total: int
    available: int
    swap_total: int | None = None
    swap_free: int | None = None
    limited: bool = False
    """Whether a control group allows less than the machine has."""


def memory(root: Path = ROOT) -> Memory:
    """Measure now. A container's limit counts where it is lower than the machine's.

    `root` is the folder that `proc` and `sys` are in.
    """
    machine = _linux_memory(root / "proc/meminfo") or _psutil_memory()
    total, available = machine.total, machine.available
    for limit, used in _limits(root):
        total = min(total, limit)
        available = min(available, max(0, limit - used))
    limited = total < machine.total
    return Memory(total, available, machine.swap_total, machine.swap_free, limited)


def _linux_memory(meminfo: Path) -> Memory | None:
    # psutil reads the same file, and takes 20 ms to import: too long before a first token.
    fields = {}
    for line in (read_text(meminfo) or "").splitlines():
        name, _, value = line.partition(":")
        words = value.split()
        if name in {"MemTotal", "MemAvailable", "SwapTotal", "SwapFree"} and words:
            fields[name] = int(words[0]) * 1024
    if "MemAvailable" not in fields or "MemTotal" not in fields:
        return None
    return Memory(
        fields["MemTotal"],
        fields["MemAvailable"],
        fields.get("SwapTotal"),
        fields.get("SwapFree"),
    )


def _psutil_memory() -> Memory:
    import psutil

    found, swap = psutil.virtual_memory(), psutil.swap_memory()
    return Memory(found.total, found.available, swap.total, swap.free)


def _limits(root: Path) -> list[tuple[int, int]]:
    """The limit of each control group around us, and what it holds that cannot be dropped."""
    groups = control_groups("memory", root)
    if groups is None:
        return []
    # At memory.high the kernel takes memory away again and slows the group down: no place to be.
    names, used_name, droppable = (
        (("memory.max", "memory.high"), "memory.current", "inactive_file")
        if groups.version == 2
        else (("memory.limit_in_bytes",), "memory.usage_in_bytes", "total_inactive_file")
    )
    found = []
    for folder in groups.folders:
        numbers = [read_int(folder / name) for name in names]  # None for "max" too
        stat = _stat(folder / "memory.stat")
        if groups.version == 1:  # groups that a container cannot see count in this one
            numbers.append(stat.get("hierarchical_memory_limit"))
        limits = [number for number in numbers if number is not None and number < _NO_LIMIT]
        if limits:
            used = (read_int(folder / used_name) or 0) - stat.get(droppable, 0)
            found.append((min(limits), max(0, used)))
    return found


def _stat(path: Path) -> dict[str, int]:
    rows = (line.split() for line in (read_text(path) or "").splitlines())
    return {row[0]: int(row[1]) for row in rows if len(row) == 2 and row[1].isdigit()}
