"""Bytes that are already on this machine: copied, with progress."""

from __future__ import annotations

from pathlib import Path

from freehold.errors import NotFound, SourceError
from freehold.progress import Task
from freehold.transfer.sinks import TargetFile, create

_BLOCK = 4 << 20


def copy_local(path: Path, target: Path, task: Task) -> int:
    """Copy a file of this machine into `target`; its size in bytes. Raises NotFound."""
    try:
        source = path.open("rb", buffering=0)
    except FileNotFoundError as error:
        raise NotFound(f"There is no file {path}.") from error
    except OSError as error:
        raise SourceError(f"{path} cannot be read: {error.strerror}.") from error
    with source:
        size = path.stat().st_size
        task.total(size)
        create(target, size)
        position = 0
        buffer = memoryview(bytearray(_BLOCK))
        with TargetFile(target) as file:
            while count := source.readinto(buffer):
                file.write(position, buffer[:count])
                position += count
                task.advance(count)
    return position
