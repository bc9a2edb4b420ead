"""Where a machine is measured: memory and disk enough, and a folder alone."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from freehold.device.memory import memory
from freehold.errors import NotEnoughMemory, NotEnoughSpace, StorageError, StoreBusy
from freehold.units import human_bytes

_ROOM = 512 << 20
"""Bytes of memory, and of disk, that must be free."""


def check_memory() -> None:
    """Raise NotEnoughMemory where there is too little to measure with."""
    free = memory().available
    if free < _ROOM:
        raise NotEnoughMemory(
            f"Measuring this machine needs {human_bytes(_ROOM)} of free memory, and "
            f"{human_bytes(free)} is free.",
            "Close other programs and try again.",
        )


@contextmanager
def place(home: Path) -> Iterator[Path]:
    """A folder for the models, gone afterwards; what a killed process left there goes first."""
    from filelock import FileLock, Timeout

    folder = home / "device" / "calibrating"
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder.parent).free
    except OSError as error:
        raise StorageError(f"{folder.parent} cannot be used: {error.strerror}.") from error
    if free < _ROOM:
        raise NotEnoughSpace(
            f"Measuring this machine needs {human_bytes(_ROOM)} on the disk of {home}, and "
            f"{human_bytes(free)} is free.",
            "Free some space, or move the store with FREEHOLD_HOME.",
        )
    lock = FileLock(folder.with_suffix(".lock"), timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        raise StoreBusy(
            "Another Freehold is measuring this machine.", "Wait until it has finished."
        ) from error
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir()
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        lock.release()
