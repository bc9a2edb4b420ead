"""What macOS tells of its processor and of a disk: one call of sysctl, one of diskutil."""

from __future__ import annotations

import subprocess
from pathlib import Path

from freehold.device.instruction_sets import MACOS, by_flags
from freehold.device.machine import CoreGroup, CoreKind, DiskKind, Processor

_NAMES = ("machdep.cpu.brand_string", "hw", "kern.hv_vmm_present")
_ORDER = {
    1: (),
    2: (CoreKind.PERFORMANCE, CoreKind.EFFICIENCY),
    3: (CoreKind.PERFORMANCE, CoreKind.MIDDLE, CoreKind.EFFICIENCY),
}


def sysctl() -> str:
    """What `sysctl` prints of the processor; empty if it cannot be run."""
    # An unknown name makes it exit 1 after it has printed the others.
    return _output("/usr/sbin/sysctl", *_NAMES).decode("utf-8", errors="replace")


def diskutil(folder: Path) -> bytes:
    """What `diskutil` prints of the volume that `folder` is on; empty if it cannot be run."""
    while not folder.is_mount():
        folder = folder.parent
    return _output("/usr/sbin/diskutil", "info", "-plist", str(folder))


def macos_processor(said: str) -> Processor:
    """Read it from what `sysctl` printed: lines of `name: value`."""
    values = {}
    for line in said.splitlines():
        key, _, value = line.partition(":")
        values[key.strip()] = value.strip()
    physical, logical = _count(values, "hw.physicalcpu"), _count(values, "hw.logicalcpu")
    name = values.get("machdep.cpu.brand_string")
    arm = values.get("hw.optional.arm64") == "1" or bool(name and name.startswith("Apple"))
    virtual = values.get("kern.hv_vmm_present")
    return Processor(
        name=name,
        architecture=("arm64" if arm else "x86_64") if values else None,
        instruction_sets=by_flags(MACOS, (key for key, value in values.items() if value == "1")),
        physical_cores=physical,
        logical_cores=logical,
        core_groups=_groups(values),
        usable_cores=None if logical is None else float(logical),
        cache=max(_caches(values), default=None),
        virtual=None if virtual is None else virtual == "1",
    )


def macos_disk(plist: bytes) -> tuple[DiskKind | None, str | None]:
    """The kind and the file system, from what `diskutil info -plist` printed."""
    import plistlib

    if not plist:
        return None, None
    said = plistlib.loads(plist)
    solid = said.get("SolidState")
    kind = None if solid is None else DiskKind.SOLID if solid else DiskKind.SPINNING
    return kind, said.get("FilesystemType")


def _output(*command: str) -> bytes:
    try:
        return subprocess.run(command, capture_output=True, timeout=5, check=False).stdout
    except (OSError, subprocess.TimeoutExpired):
        return b""


def _groups(values: dict[str, str]) -> tuple[CoreGroup, ...]:
    """Level 0 is the fastest; a Mac has one, two or three of them."""
    levels = _count(values, "hw.nperflevels") or 1
    kinds = _ORDER.get(levels, ())
    found = []
    for level, kind in enumerate(kinds):
        logical = _count(values, f"hw.perflevel{level}.logicalcpu")
        if logical is None:
            return ()
        physical = _count(values, f"hw.perflevel{level}.physicalcpu")
        found.append(CoreGroup(kind, logical, physical))
    return tuple(found)


def _caches(values: dict[str, str]) -> list[int]:
    ends = ("l2cachesize", "l3cachesize")
    sizes = [_count(values, name) for name in values if name.endswith(ends)]
    return [size for size in sizes if size is not None]


def _count(values: dict[str, str], name: str) -> int | None:
    text = values.get(name, "")
    return int(text) if text.isdigit() and int(text) else None
