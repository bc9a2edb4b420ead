"""Writing so that a crash at any moment leaves the old or the new, never a half.

It knows files and folders, not what is in them.
"""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Iterator
from pathlib import Path

from freehold.errors import NotEnoughSpace, StorageError

TEMPORARY = ".tmp"
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would turn line ends into its own
_FULL = frozenset({errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)})
# Some file systems (FAT over FUSE, a few network ones) cannot sync a folder and say so like this.
_NO_FOLDER_SYNC = frozenset({errno.EINVAL, errno.ENOTSUP, errno.ENOSYS, errno.EBADF})


@contextlib.contextmanager
def storage_errors(task: str) -> Iterator[None]:
    """Turn an OSError within into a StorageError that says what could not be done."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error) or type(error).__name__
        where = f" ({error.filename})" if error.filename else ""
        message = f"Could not {task}: {reason}{where}."
        if error.errno in _FULL:
            hint = "Free some space, or move the store with FREEHOLD_HOME."
            raise NotEnoughSpace(message, hint) from error
        raise StorageError(message, "Check that the disk is there and that it is yours.") from error


def write_durably(path: Path, data: bytes, *, private: bool = False) -> None:
    """Replace `path` by `data`: a temporary file beside it, synced, then renamed over it.

    A private one can be read by its owner alone, from its first moment on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}{TEMPORARY}")
    try:
        mode = 0o600 if private else 0o666
        handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, mode)
        with open(handle, "wb") as file:  # noqa: PTH123 - a descriptor, not a path
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def sync_file(path: Path) -> None:
    """Wait until the bytes of `path` are on the disk."""
    # Windows only syncs a file that is open for writing; a read-only file can't be opened so.
    writable = os.access(path, os.W_OK)
    with path.open("r+b" if writable else "rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Wait until the names in `folder` are on the disk, where the system can do that."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError as error:
        if error.errno not in _NO_FOLDER_SYNC:
            raise
    finally:
        os.close(handle)


def delete(path: Path) -> bool:
    """Remove a file, read-only or not. Whether it was there."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except PermissionError:
        if os.name != "nt":
            raise  # elsewhere modes don't matter here, and a hard link's belong to others too
        path.chmod(0o644)  # Windows keeps read-only files from being deleted
        path.unlink()
    return True
