"""Open a model file to read its header: a regular file, or an error that says why not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from freehold.errors import FormatError, StorageError

UNREADABLE = "Check the path, and that you are allowed to read the file."


@contextmanager
def opened(path: Path) -> Iterator[tuple[BinaryIO, int]]:
    """The file at `path`, and its size.

    Raises FormatError when it is no regular file, StorageError when it cannot be read: neither
    now nor while it is open.
    """
    try:
        # Asked before opening: to open a pipe would wait for someone to write into it.
        if not stat.S_ISREG(path.stat().st_mode):
            raise FormatError(f"{path} is not a file.", "Name the model file itself.")
        with path.open("rb") as file:
            yield file, os.fstat(file.fileno()).st_size
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.", UNREADABLE) from error
    except ValueError as error:  # a null character in the path; a file that shrank meanwhile
        raise StorageError(f"{str(path)!r} cannot be read: {error}.", UNREADABLE) from error
