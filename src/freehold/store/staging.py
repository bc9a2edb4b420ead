"""Staging: unfinished work, kept in a folder of its own until it is owned or discarded.

Each piece of work has a key, such as a reference or a hash, and one process at a time. What a
killed process leaves here is found again by the same key; nothing in here counts as owned.
"""

from __future__ import annotations

import contextlib
import hashlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import StoreBusy, UsageError
from freehold.names import slug
from freehold.progress import Progress
from freehold.store.durable import storage_errors
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock, try_lock
from freehold.store.space import held_bytes

if TYPE_CHECKING:
    from filelock import BaseFileLock

_KEY = ".key"
_LOCK = ".lock"
_POLL = 0.2
_NAME_LIMIT = 60


@dataclass(frozen=True)
class Staging:
    """A folder to work in, locked. What is put there survives exceptions and kills."""

    key: str
    folder: Path

    def path(self, name: str) -> Path:
        """Where the file `name` is or will be. A plain file name; `.` at its start is ours."""
        if not name or name.startswith(".") or any(mark in name for mark in "/\\:\0"):
            raise UsageError(f"{name!r} is not a plain file name.")
        return self.folder / name

    def size(self) -> int:
        """Bytes on the disk of everything in it; the holes of a half-fetched file don't count."""
        with storage_errors(f"look into {self.folder}"):
            return sum(held_bytes(path) for path in self.folder.rglob("*") if path.is_file())

    def discard(self) -> None:
        """Remove the folder and all in it: the work is done, or not wanted."""
        with storage_errors(f"discard {self.folder}"):
            shutil.rmtree(self.folder, ignore_errors=False)


@dataclass(frozen=True)
class Unfinished:
    """A piece of work that was begun: its key, its bytes so far, and when it was last touched."""

    key: str
    folder: Path
    size: int
    touched_at: datetime
    busy: bool
    """Whether a living process is at it."""


@contextlib.contextmanager
def staging(
    layout: Layout, lock: StoreLock, key: str, progress: Progress, *, wait: bool
) -> Iterator[Staging]:
    """The work of `key`, locked. Waits for another process at it, or raises StoreBusy."""
    folder = layout.staging / _folder_name(key)
    lock_file = folder.with_name(folder.name + _LOCK)
    held = _acquire(lock, lock_file)
    if held is None and not wait:
        raise StoreBusy(f"Another Freehold is at {key}.", "Wait until it is done.")
    if held is None:
        progress.note(f"Another Freehold is at {key}: waiting until it is done.")
    while held is None:
        time.sleep(_POLL)
        held = _acquire(lock, lock_file)
    try:
        with storage_errors(f"make room for {key}"):
            folder.mkdir(exist_ok=True)
            (folder / _KEY).write_text(key, encoding="utf-8")
        yield Staging(key, folder)
    finally:
        _release(lock, held, lock_file)


def unfinished(layout: Layout) -> list[Unfinished]:
    """Every piece of work that was begun and neither owned nor discarded, oldest first."""
    found: list[Unfinished] = []
    with storage_errors(f"look into {layout.staging}"):
        for folder in layout.staging.glob("*/"):
            key = folder / _KEY
            name = key.read_text(encoding="utf-8") if key.exists() else folder.name
            stats = [path.stat() for path in folder.rglob("*") if path.is_file() and path != key]
            touched = max([stat.st_mtime for stat in stats], default=folder.stat().st_mtime)
            found.append(
                Unfinished(
                    key=name or folder.name,
                    folder=folder,
                    size=sum(stat.st_size for stat in stats),
                    touched_at=datetime.fromtimestamp(touched, UTC),
                    busy=_is_busy(folder),
                )
            )
    return sorted(found, key=lambda work: work.touched_at)


def remove_unfinished(folder: Path) -> bool:
    """Delete the work in `folder` unless a process is at it. Under the store's lock."""
    lock_file = folder.with_name(folder.name + _LOCK)
    held = try_lock(lock_file)
    if held is None:
        return False
    with storage_errors(f"delete {folder}"):
        shutil.rmtree(folder)
        held.release()
        lock_file.unlink(missing_ok=True)
    return True


def abandoned_locks(layout: Layout) -> list[Path]:
    """Lock files of work that is neither there nor going on. Under the store's lock."""
    return [
        path
        for path in layout.staging.glob(f"*{_LOCK}")
        if not path.with_suffix("").exists() and not _is_busy(path.with_suffix(""))
    ]


def _folder_name(key: str) -> str:
    """A name that any file system takes, and that no two keys share."""
    return f"{slug(key)[:_NAME_LIMIT]}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"


def _acquire(lock: StoreLock, lock_file: Path) -> BaseFileLock | None:
    with lock, storage_errors(f"lock {lock_file}"):
        lock_file.parent.mkdir(parents=True, exist_ok=True)
        return try_lock(lock_file)


def _release(lock: StoreLock, held: BaseFileLock, lock_file: Path) -> None:
    try:
        with lock:
            held.release()
            lock_file.unlink(missing_ok=True)
    finally:
        held.release()  # even when the store's lock could not be had


def _is_busy(folder: Path) -> bool:
    lock_file = folder.with_name(folder.name + _LOCK)
    if not lock_file.exists():
        return False
    held = try_lock(lock_file)
    if held is None:
        return True
    held.release()
    return False
