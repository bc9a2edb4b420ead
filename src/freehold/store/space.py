"""How much room the store's disk has."""

from __future__ import annotations

import shutil
from pathlib import Path

from freehold.errors import NotEnoughSpace
from freehold.store.durable import storage_errors
from freehold.units import human_bytes


def free_bytes(home: Path) -> int:
    """Bytes this user may still write where `home` is or will be."""
    folder = home
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    with storage_errors(f"see how much space {folder} has"):
        return shutil.disk_usage(folder).free


def require_space(home: Path, needed: int) -> None:
    """Raise NotEnoughSpace unless `needed` bytes fit, saying by how much they don't."""
    free = free_bytes(home)
    if needed > free:
        raise NotEnoughSpace(
            f"This needs {human_bytes(needed)} and {home} has {human_bytes(free)} free: "
            f"{human_bytes(needed - free)} too little.",
            "Remove a model, collect what is left over (freehold gc), or move the store to "
            "another disk with FREEHOLD_HOME.",
        )


def held_bytes(path: Path) -> int:
    """Bytes that an unfinished file already has on the disk; its holes don't count."""
    try:
        stat = path.stat()
    except FileNotFoundError:
        return 0
    blocks: int | None = getattr(stat, "st_blocks", None)  # not on Windows: no holes there either
    return stat.st_size if blocks is None else blocks * 512
