"""A part of a file that reads like a file of its own, and reads one after another.

It opens nothing and closes nothing: the file underneath belongs to whoever opened it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer


class FileWindow(io.RawIOBase):
    """The `size` bytes of `file` from `offset`, read-only and seekable."""

    def __init__(self, file: BinaryIO, offset: int, size: int) -> None:
        super().__init__()
        self._file, self._offset, self._size, self._at = file, offset, size, 0

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place counted from the window's beginning, its end, or where it is."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._size}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` as far as one read goes; 0 at the window's end or where the file ends."""
        view = memoryview(buffer).cast("B")
        want = min(len(view), self._size - self._at)
        if want <= 0:
            return 0
        self._file.seek(self._offset + self._at)
        # a raw file's readinto, which BinaryIO doesn't declare
        got: int = self._file.readinto(view[:want])  # type: ignore[attr-defined]
        self._at += got
        return got


class FileChain(io.RawIOBase):
    """Several files read as one, from where each of them is to its end."""

    def __init__(self, files: Sequence[BinaryIO | io.RawIOBase]) -> None:
        super().__init__()
        self._left = list(files)

    def readable(self) -> bool:
        """Yes."""
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` as far as one read of the current file goes; 0 when all have ended."""
        view = memoryview(buffer).cast("B")
        while self._left:
            got: int | None = self._left[0].readinto(view)  # type: ignore[union-attr]
            if got:
                return got
            del self._left[0]
        return 0
