"""Small documents that are kept about this machine: written whole or not at all."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from freehold.errors import FormatError, StorageError
from freehold.formats.strict_json import MAX_BYTES, canonical, parse_object


def read_kept(path: Path) -> dict[str, Any] | None:
    """The document, or None without any. Raises FormatError, StorageError."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        return None
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return parse_object(data, str(path))
    except FormatError as error:
        raise FormatError(
            error.message, "Remove that file; what it held is measured again."
        ) from error


def write_kept(path: Path, document: dict[str, Any]) -> None:
    """Replace the document: a temporary file beside it, then renamed over it."""
    temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            temporary.write_bytes(canonical(document) + b"\n")
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
    except OSError as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror}.",
            "Check that the disk has room and that the folder is yours.",
        ) from error
