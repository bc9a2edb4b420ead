"""The public data files of a home, and where the index of them is."""

from __future__ import annotations

import hashlib
from pathlib import Path

from freehold.civic.datasets import kept
from freehold.civic.datasets.kept import Kept
from freehold.errors import FormatError
from freehold.store.durable import storage_errors

INDEX = Path("civic", "index.sqlite")
"""The index, under the home."""


def sources_folder(home: Path) -> Path:
    """Where the public files are, and their list."""
    return home / "civic" / "sources"


def data_here(home: Path) -> tuple[Kept, ...]:
    """The public files on this machine. Raises FormatError when their list is damaged."""
    path = sources_folder(home) / kept.NAME
    if not path.exists():
        return ()
    try:
        listed = kept.read(path.read_bytes(), str(path))
    except FormatError as error:
        raise FormatError(error.message, "Remove that file: an update then gets it all.") from error
    return tuple(each for each in listed if _is_whole(home, each))


def is_intact(home: Path, each: Kept) -> bool:
    """Whether a file still has the bytes that came; one that has not is to be had again."""
    path = sources_folder(home) / each.name
    with storage_errors(f"read {path}"):
        return sha256_of(path) == each.sha256


def sha256_of(path: Path) -> str:
    """The hash of a file, 64 hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _is_whole(home: Path, each: Kept) -> bool:
    try:
        return (sources_folder(home) / each.name).stat().st_size == each.size
    except OSError:
        return False
