"""How much memory another process of ours holds, as its system counts it."""

from __future__ import annotations

from pathlib import Path

from freehold.engine.interface import HeldMemory

_PROC = Path("/proc")


def process_memory(pid: int, mapped: int) -> HeldMemory:
    """Measure a process now; zeros once it is gone.

    `mapped` is the size of the files that it maps: where a system doesn't tell mapped pages from
    others, so many are taken to be.
    """
    status = _PROC / str(pid) / "status"
    if not _PROC.exists():
        return _by_psutil(pid, mapped)
    try:
        text = status.read_text()
    except OSError:  # it has ended
        return HeldMemory(0, 0)
    rows = {name: rest for name, _, rest in (line.partition(":") for line in text.splitlines())}
    resident, file = (int(rows.get(name, "0").split()[0]) * 1024 for name in ("VmRSS", "RssFile"))
    return HeldMemory(resident, resident - file)


def _by_psutil(pid: int, mapped: int) -> HeldMemory:
    import psutil

    try:
        resident = psutil.Process(pid).memory_info().rss
    except psutil.NoSuchProcess:
        return HeldMemory(0, 0)
    return HeldMemory(resident, max(0, resident - mapped))
