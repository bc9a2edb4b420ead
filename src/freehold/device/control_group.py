"""The Linux control groups that this process is in: its own and those around it.

A limit may stand at any of them, so all are asked, from the process's own group up to where the
hierarchy is mounted. A container often sees only its own part: groups outside cannot be asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from freehold.device.readings import read_text

ROOT = Path("/")


@dataclass(frozen=True)
class ControlGroups:
    """The folders of one controller, the process's own first, then each one around it."""

    version: int
    folders: tuple[Path, ...]


@dataclass(frozen=True)
class _Mount:
    version: int
    controllers: frozenset[str]
    part: PurePosixPath
    """Which part of the hierarchy is mounted."""
    at: Path


def control_groups(controller: str, root: Path = ROOT) -> ControlGroups | None:
    """The groups that `controller` (cpu, memory) works through; None where there are none.

    `root` is the folder that `proc` and `sys` are in.
    """
    paths = _own_paths(root / "proc/self/cgroup")
    for mount in sorted(_mounts(root), key=lambda each: each.version):
        if mount.version == 1 and controller not in mount.controllers:
            continue
        own = paths.get(controller if mount.version == 1 else "")
        if own is not None:
            return ControlGroups(mount.version, _upwards(mount, own))
    return None


def _own_paths(file: Path) -> dict[str, PurePosixPath]:
    """By controller; the one of version 2 is named with an empty word."""
    found = {}
    for line in (read_text(file) or "").splitlines():
        _, _, rest = line.partition(":")
        names, _, path = rest.partition(":")
        for name in names.split(","):
            found[name] = PurePosixPath(path or "/")
    return found


def _mounts(root: Path) -> list[_Mount]:
    found = []
    for line in (read_text(root / "proc/self/mountinfo") or "").splitlines():
        place, _, kind = line.partition(" - ")
        words, kinds = place.split(), kind.split()
        if len(words) < 5 or len(kinds) < 3 or kinds[0] not in {"cgroup", "cgroup2"}:
            continue
        found.append(
            _Mount(
                version=1 if kinds[0] == "cgroup" else 2,
                controllers=frozenset(kinds[2].split(",")),
                part=PurePosixPath(words[3]),
                at=root / words[4].lstrip("/"),
            )
        )
    return found


def _upwards(mount: _Mount, own: PurePosixPath) -> tuple[Path, ...]:
    # Without a namespace of its own, a container sees its path as the host names it, and what is
    # mounted is that path's folder; with one, both are "/".
    inside = own.relative_to(mount.part) if own.is_relative_to(mount.part) else PurePosixPath()
    if ".." in inside.parts:
        inside = PurePosixPath()
    folders = [mount.at / inside, *(mount.at / each for each in inside.parents)]
    return tuple(dict.fromkeys(folders))
