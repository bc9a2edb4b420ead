"""Taking one file out of a zip that nobody vouches for, such as a downloaded wheel.

Nothing is extracted by name and nothing is run: the bytes of one member go into an open file,
never more than announced, and their checksum is checked. https://pkware.com/appnote
"""

from __future__ import annotations

import struct
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from freehold.errors import FormatError, HashMismatch
from freehold.progress import Task

BLOCK = 1 << 20
MOST_COMPRESSED = 200
"""Model weights hardly compress; a member that grows by more than this is a trap."""
_METHODS = {zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED}
_BROKEN = (
    zipfile.BadZipFile,
    struct.error,
    zlib.error,
    EOFError,
    ValueError,
    OverflowError,
    RuntimeError,
    NotImplementedError,
)
_ENCRYPTED = 0x1


@contextmanager
def open_zip(file: IO[bytes] | Path, name: str) -> Iterator[zipfile.ZipFile]:
    """A zip whose faults of any kind become a FormatError that says `name`."""
    try:
        with zipfile.ZipFile(file) as archive:
            yield archive
    except _BROKEN as error:
        raise FormatError(f"{name} is not a sound zip file: {error}.") from error


def find_member(archive: zipfile.ZipFile, member: str, name: str) -> zipfile.ZipInfo:
    """The one member of that name. Raises FormatError if it is hostile, doubled or not there."""
    found = [info for info in archive.infolist() if info.filename == member]
    if len(found) != 1:
        how = "twice or more" if found else "not at all"
        raise FormatError(f"{name} holds {member} {how}.")
    check_member(found[0], name)
    return found[0]


def check_member(info: zipfile.ZipInfo, name: str) -> None:
    """Refuse what cannot be an honest model file. Raises FormatError."""
    if info.flag_bits & _ENCRYPTED:
        raise FormatError(f"{info.filename} in {name} is encrypted.")
    if info.compress_type not in _METHODS:
        raise FormatError(f"{info.filename} in {name} is compressed in a way wheels never are.")
    if info.file_size > max(info.compress_size, 1) * MOST_COMPRESSED + BLOCK:
        raise FormatError(
            f"{info.filename} in {name} claims to grow from {info.compress_size:,} to "
            f"{info.file_size:,} bytes: that is a trap, not a model."
        )


def write_piece(
    path: Path, member: str | None, out: IO[bytes], size: int | None, task: Task
) -> int:
    """Append a downloaded file, or one member of the zip that it is, to an open file.

    Returns the bytes written. Raises FormatError for a broken or hostile zip, and HashMismatch
    when the bytes are not `size` many.
    """
    if member is None:
        with path.open("rb") as plain:
            return _pour(plain, out, size, task, path.name)
    with open_zip(path, path.name) as archive:
        info = find_member(archive, member, path.name)
        if size is not None and info.file_size != size:
            raise HashMismatch(
                f"{member} in {path.name} has {info.file_size:,} bytes, not {size:,} as promised."
            )
        with archive.open(info) as stream:
            return _pour(stream, out, info.file_size, task, member)


def _pour(source: IO[bytes], out: IO[bytes], size: int | None, task: Task, name: str) -> int:
    written = 0
    while block := source.read(BLOCK):
        written += len(block)
        if size is not None and written > size:
            break
        out.write(block)
        task.advance(len(block))
    if size is not None and written != size:
        raise HashMismatch(f"{name} gave {written:,} bytes or more where {size:,} were promised.")
    return written
