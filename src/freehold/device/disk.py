"""The disk that a folder lies on: its size, what is free of it, and what sort it is."""

from __future__ import annotations

import os
import re
import shutil
import sys
from pathlib import Path

from freehold.device.control_group import ROOT
from freehold.device.machine import Disk, DiskKind
from freehold.device.readings import read_int, read_text

_NETWORK = {
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "ceph", "glusterfs", "afs", "afpfs", "webdav",
    "lustre", "fuse.sshfs", "fuse.rclone", "davfs", "fuse.davfs2", "virtiofs",
}  # fmt: skip
_VIRTUAL_MAKERS = {"QEMU", "VBOX", "VMware", "VMware,", "Msft", "Google", "Amazon"}


def disk(folder: Path, root: Path = ROOT) -> Disk:
    """What `folder` lies on, or the nearest folder above it that exists."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    folder = folder.resolve()
    kind, filesystem = _kind(folder, root)
    try:
        usage = shutil.disk_usage(folder)
    except OSError:  # a network that is gone
        return Disk(None, None, kind, filesystem)
    return Disk(usage.total, usage.free, kind, filesystem)


def _kind(folder: Path, root: Path) -> tuple[DiskKind | None, str | None]:
    if sys.platform == "darwin":
        from freehold.device.macos import diskutil, macos_disk

        return macos_disk(diskutil(folder))
    return linux_disk(folder, root)


def linux_disk(folder: Path, root: Path = ROOT) -> tuple[DiskKind | None, str | None]:
    """The kind and the file system of the mount that `folder` is in."""
    mount = _mount_of(folder, root)
    if mount is None:
        return None, None
    filesystem, source = mount
    if filesystem in _NETWORK:
        return DiskKind.NETWORK, filesystem
    if filesystem in {"tmpfs", "ramfs"}:
        return DiskKind.MEMORY, filesystem
    return _kind_of_block(source, root), filesystem


def _mount_of(folder: Path, root: Path) -> tuple[str, str] | None:
    """(file system, source) of the innermost mount; later ones lie over earlier ones."""
    best: tuple[int, str, str] | None = None
    for line in (read_text(root / "proc/self/mountinfo") or "").splitlines():
        place, _, kind = line.partition(" - ")
        words, kinds = place.split(), kind.split()
        if len(words) < 5 or len(kinds) < 2:
            continue
        at = Path(_plain(words[4]))
        if folder.is_relative_to(at) and (best is None or len(at.parts) >= best[0]):
            best = len(at.parts), kinds[0], _plain(kinds[1])
    return None if best is None else best[1:]


def _plain(word: str) -> str:
    """Spaces and the like are written as octal numbers there."""
    return re.sub(r"\\([0-7]{3})", lambda found: chr(int(found[1], 8)), word)


def _kind_of_block(source: str, root: Path) -> DiskKind | None:
    """From the kernel's word on the device itself, on what it is part of or made of."""
    if not source.startswith("/dev/"):
        return None
    try:
        name = Path(os.path.realpath(root / source.lstrip("/"))).name
    except OSError:
        return None
    return _of_device(root / "sys/class/block" / name, depth=0)


def _of_device(block: Path, depth: int) -> DiskKind | None:
    made_of = list((block / "slaves").glob("*")) if depth < 8 else []
    if made_of:  # encrypted, logical volumes, arrays: as slow as the slowest of them
        kinds = {_of_device(block.parent / each.name, depth + 1) for each in made_of}
        if DiskKind.SPINNING in kinds:
            return DiskKind.SPINNING
        return kinds.pop() if len(kinds) == 1 else None
    whole = block.resolve()
    if not (whole / "queue").exists():  # a partition lies in its disk's folder
        whole = whole.parent
    rotational = read_int(whole / "queue/rotational")
    if rotational is None or whole.name.startswith("loop"):
        return None
    if rotational == 0:
        return DiskKind.SOLID
    maker = (read_text(whole / "device/vendor") or "").split()
    virtual = whole.name.startswith(("vd", "xvd")) or (maker and maker[0] in _VIRTUAL_MAKERS)
    return None if virtual else DiskKind.SPINNING  # a virtual disk says 1 whatever it lies on
