"""The cores of a Linux machine, which of them differ, and the share of them that is really ours."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from freehold.device.control_group import ROOT, control_groups
from freehold.device.machine import CoreGroup, CoreKind
from freehold.device.readings import read_cpu_list, read_int, read_text

_ALIKE = 0.9
"""Cores within a tenth of each other's capacity are of one kind: makers favour single cores."""
_KINDS = {
    1: (),
    2: (CoreKind.PERFORMANCE, CoreKind.EFFICIENCY),
    3: (CoreKind.PERFORMANCE, CoreKind.MIDDLE, CoreKind.EFFICIENCY),
}


@dataclass(frozen=True)
class Cores:
    """What the system tells of its cores."""

    logical: int | None
    physical: int | None
    groups: tuple[CoreGroup, ...]


@dataclass(frozen=True)
class Share:
    """What of them this process may use."""

    usable: float | None
    """Logical cores' worth of time."""
    limits: tuple[str, ...]


def linux_cores(root: Path = ROOT) -> Cores:
    """Count from the topology that the kernel shows; `root` is where `sys` is."""
    folder = root / "sys/devices/system/cpu"
    online = read_cpu_list(folder / "online")
    if online is None:
        return Cores(None, None, ())
    return Cores(len(online), _physical(folder, online), _groups(root / "sys/devices", online))


def share_of_cores(logical: int | None, root: Path = ROOT, allowed: int | None = None) -> Share:
    """Affinity and the quotas of all control groups around us. `allowed` stands in for affinity."""
    if allowed is None:
        allowed = _affinity() or logical
    limits = []
    if allowed is not None and logical is not None and allowed < logical:
        limits.append(f"it is held to {allowed} of {logical} logical cores")
    quota = _quota(root)
    if quota is not None and (allowed is None or quota < allowed):
        limits.append(f"its control group has a quota of {quota:g} cores")
        return Share(quota, tuple(limits))
    return Share(None if allowed is None else float(allowed), tuple(limits))


def _affinity() -> int | None:
    # A cpuset of the control group shows here as well.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _quota(root: Path) -> float | None:
    groups = control_groups("cpu", root)
    if groups is None:
        return None
    read = _quota_of_version_2 if groups.version == 2 else _quota_of_version_1
    found = [quota for folder in groups.folders if (quota := read(folder)) is not None]
    return min(found, default=None)


def _quota_of_version_2(folder: Path) -> float | None:
    words = (read_text(folder / "cpu.max") or "max").split()
    if len(words) != 2 or not all(word.isdigit() for word in words) or int(words[1]) == 0:
        return None  # "max 100000", or no such counter
    return int(words[0]) / int(words[1])


def _quota_of_version_1(folder: Path) -> float | None:
    quota, period = (read_int(folder / f"cpu.cfs_{word}_us") for word in ("quota", "period"))
    return quota / period if quota is not None and quota > 0 and period else None


def _physical(folder: Path, online: tuple[int, ...]) -> int | None:
    together = {_siblings(folder / f"cpu{cpu}" / "topology") for cpu in online}
    return None if None in together else len(together)


def _siblings(topology: Path) -> tuple[int, ...] | None:
    """Logical cores that are one physical core; the name of the file changed with Linux 5."""
    found = read_cpu_list(topology / "core_cpus_list")
    return found or read_cpu_list(topology / "thread_siblings_list")


def _groups(devices: Path, online: tuple[int, ...]) -> tuple[CoreGroup, ...]:
    sorts = _hybrid_intel(devices, online) or _by_capacity(devices / "system/cpu", online)
    kinds = _KINDS.get(len(sorts))
    if not kinds:  # alike, or more kinds than there are words for
        return ()
    folder = devices / "system/cpu"
    return tuple(
        CoreGroup(
            kind=kind,
            logical=len(cpus),
            physical=_physical(folder, cpus),
            max_mhz=max_mhz(folder, cpus),
        )
        for kind, cpus in zip(kinds, sorts, strict=True)
    )


def max_mhz(folder: Path, cpus: tuple[int, ...]) -> int | None:
    """The highest clock of any of them, as the clock's driver states it."""
    clocks = [read_int(folder / f"cpu{cpu}/cpufreq/cpuinfo_max_freq") for cpu in cpus]
    return max((clock // 1000 for clock in clocks if clock), default=None)


def _hybrid_intel(devices: Path, online: tuple[int, ...]) -> list[tuple[int, ...]]:
    found = [read_cpu_list(devices / name / "cpus") for name in ("cpu_core", "cpu_atom")]
    sorts = [tuple(cpu for cpu in cpus if cpu in online) for cpus in found if cpus]
    return [cpus for cpus in sorts if cpus] if len(sorts) == 2 else []


def _by_capacity(folder: Path, online: tuple[int, ...]) -> list[tuple[int, ...]]:
    """The kernel's own measure of what a core does at its highest clock: 1024 is the best one."""
    known = [(read_int(folder / f"cpu{cpu}/cpu_capacity"), cpu) for cpu in online]
    capacities = sorted(((value, cpu) for value, cpu in known if value), reverse=True)
    if len(capacities) != len(online):
        return []
    sorts: list[list[int]] = []
    best = 0
    for value, cpu in capacities:
        if not sorts or value < best * _ALIKE:
            sorts.append([])
            best = value
        sorts[-1].append(cpu)
    return [tuple(sorted(each)) for each in sorts]
