"""Who may change what: a short lock on the whole store, and long ones on single things.

Locks are the operating system's, so a killed process never leaves one behind. Files that carry
long locks are made and removed only under the store's lock: nobody waits on a name that is gone.
"""

from __future__ import annotations

import itertools
import os
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import StoreBusy
from freehold.names import Digest
from freehold.store.durable import storage_errors
from freehold.store.layout import Layout

if TYPE_CHECKING:
    from filelock import BaseFileLock

_PATIENCE = 30.0
"""Seconds to wait for the store's lock: changes take milliseconds."""
_HOLD = ".hold"


class StoreLock:
    """The store-wide lock, held only while a change is made. A thread may take it again within."""

    def __init__(self, layout: Layout) -> None:
        self._path = layout.lock
        self._lock: BaseFileLock | None = None

    def __enter__(self) -> None:
        from filelock import FileLock, Timeout  # 50 ms that only a change has to pay

        with storage_errors("lock the store"):
            try:
                self._path.parent.mkdir(parents=True, exist_ok=True)
                if self._lock is None:
                    self._lock = FileLock(self._path, timeout=_PATIENCE)
                self._lock.acquire()
            except Timeout as error:
                raise StoreBusy(
                    f"Another Freehold has been changing {self._path.parent} for "
                    f"{_PATIENCE:.0f} seconds.",
                    "Wait for it to finish, or end it if it hangs; nothing was changed here.",
                ) from error

    def __exit__(self, *exc: object) -> None:
        if self._lock is not None:
            self._lock.release()


def try_lock(path: Path) -> BaseFileLock | None:
    """Lock `path` now, or None when another holds it. Any thread may release it."""
    from filelock import FileLock, Timeout

    lock = FileLock(path, timeout=0, thread_local=False)
    try:
        lock.acquire()
    except Timeout:
        return None
    return lock


class Holds:
    """Blobs that this process has added and not yet made part of a model.

    Without a hold, a removal or a collection in another process could delete a blob between
    `add_file` and `add_model`. Every method but `is_held` is for the owner of this object;
    all of them are called under the store's lock.
    """

    _numbers = itertools.count()

    def __init__(self, layout: Layout) -> None:
        self._folder = layout.staging
        self._locks: dict[Digest, tuple[Path, BaseFileLock]] = {}

    def __len__(self) -> int:
        return len(self._locks)

    def take(self, digest: Digest) -> None:
        """Keep the blob from being removed until `release`."""
        if digest in self._locks:
            return
        self._folder.mkdir(parents=True, exist_ok=True)
        path = self._folder / f"{digest.hex}.{os.getpid()}-{next(self._numbers)}{_HOLD}"
        lock = try_lock(path)
        if lock is None:
            raise StoreBusy(f"{path} is locked by another program.", "End that program.")
        self._locks[digest] = (path, lock)

    def release(self, *digests: Digest) -> None:
        """Let these go, as far as they are held here; all of them when none is named."""
        for digest in digests or tuple(self._locks):
            if found := self._locks.pop(digest, None):
                path, lock = found
                lock.release()
                path.unlink(missing_ok=True)

    def is_held(self, digest: Digest) -> bool:
        """Whether any living process holds it, this one included. Clears the dead ones' marks."""
        alive = [_is_alive(path) for path in self._folder.glob(f"{digest.hex}.*{_HOLD}")]
        return any(alive)

    def clear_dead(self) -> None:
        """Remove the marks of processes that were killed."""
        for path in self._folder.glob(f"*{_HOLD}"):
            _is_alive(path)


def _is_alive(path: Path) -> bool:
    lock = try_lock(path)
    if lock is None:
        return True
    lock.release()
    path.unlink(missing_ok=True)
    return False
