"""How much memory this process may really use: the machine's, or less inside a container."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

_MEMINFO = Path("/proc/meminfo")
_CGROUP = Path("/sys/fs/cgroup")


@dataclass(frozen=True)
class Memory:
    """Bytes of memory: `total` that there is, `available` without pushing anything out."""

    total: int
    available: int


def memory() -> Memory:
    """Measure now. A container's limit counts where it is lower than the machine's."""
    machine = _linux_memory(_MEMINFO) if _MEMINFO.exists() else _psutil_memory()
    limit, used = _cgroup_limit(_CGROUP)
    if limit is None:
        return machine
    return Memory(
        total=min(machine.total, limit),
        available=min(machine.available, max(0, limit - used)),
    )


def _linux_memory(meminfo: Path) -> Memory:
    # psutil reads the same file, and takes 20 ms to import: too long before a first token.
    fields = {}
    for line in meminfo.read_text().splitlines():
        name, _, value = line.partition(":")
        if name in {"MemTotal", "MemAvailable"}:
            fields[name] = int(value.split()[0]) * 1024
    if "MemAvailable" not in fields or "MemTotal" not in fields:
        return _psutil_memory()
    return Memory(fields["MemTotal"], fields["MemAvailable"])


def _psutil_memory() -> Memory:
    import psutil

    found = psutil.virtual_memory()
    return Memory(found.total, found.available)


def _cgroup_limit(root: Path) -> tuple[int | None, int]:
    """The limit of our control group and what it holds that cannot be dropped, in bytes."""
    for limit_file, used_file, stat_key in (
        (root / "memory.max", root / "memory.current", "inactive_file"),
        (
            root / "memory" / "memory.limit_in_bytes",
            root / "memory" / "memory.usage_in_bytes",
            "total_inactive_file",
        ),
    ):
        try:
            limit = limit_file.read_text().strip()
            used = int(used_file.read_text())
            stat = (limit_file.parent / "memory.stat").read_text()
        except (OSError, ValueError):
            continue  # no such counter here: the machine's own figures stand
        if not limit.isdigit() or int(limit) > 1 << 60:  # "max", or version 1's word for it
            return None, 0
        droppable = next(
            (int(row.split()[1]) for row in stat.splitlines() if row.startswith(stat_key + " ")), 0
        )
        return int(limit), max(0, used - droppable)
    return None, 0
