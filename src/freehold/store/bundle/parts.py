"""A bundle on the disk: one file, or parts of it for disks that take no large files.

Parts are the file cut into pieces of one size, so that joining them gives the file back. Writing
goes to temporary names; the final ones appear when everything is on the disk, the first part last.
"""

from __future__ import annotations

import io
import os
import re
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Self

from freehold.errors import FormatError, StorageError, UsageError
from freehold.store.durable import TEMPORARY, storage_errors, sync_folder

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer, WriteableBuffer

_PART = re.compile(r"(?P<stem>.+)\.part(?P<number>\d{2,5})", re.DOTALL)
MIN_PART = 64 << 10
"""Smaller parts than this help nobody and make thousands of files."""
_MAX_PARTS = 9_999
_BLOCK = 512


def part_name(stem: str, number: int, count: int) -> str:
    """`FILE.part01`, with as many digits as the last part needs."""
    return f"{stem}.part{number:0{max(2, len(str(count)))}}"


def part_size_below(size: int) -> int:
    """The largest part that stays below `size` bytes. Raises UsageError for a tiny one."""
    part = (size - 1) // _BLOCK * _BLOCK
    if part < MIN_PART:
        raise UsageError(f"Parts of {size:,} bytes are too small.", "Try --split 4GB.")
    return part


@dataclass(frozen=True)
class Found:
    """The files that a bundle is on this disk, in order. `stem` is its name without `.partNN`."""

    stem: Path
    paths: tuple[Path, ...]
    is_split: bool
    missing: tuple[str, ...] = ()
    """Parts that are not there, as far as the names tell: the last ones' absence they don't."""


def find_bundle(path: Path) -> Found:
    """The bundle that `path` means: a file, any part of one, or what its parts have in common."""
    match = _PART.fullmatch(path.name)
    with storage_errors(f"look for {path}"):
        if match is None and path.is_file():
            return Found(path, (path,), is_split=False)
        stem = path.with_name(match["stem"]) if match else path
        parts: dict[int, Path] = {}
        folder = stem.parent
        for entry in sorted(folder.iterdir()) if folder.is_dir() else ():
            found = _PART.fullmatch(entry.name)
            if found and found["stem"] == stem.name and entry.is_file():
                if int(found["number"]) in parts:
                    raise UsageError(
                        f"{parts[int(found['number'])].name} and {entry.name} are both part "
                        f"{int(found['number'])}.",
                        "Keep the parts of one export only.",
                    )
                parts[int(found["number"])] = entry
    if not parts:
        raise StorageError(
            f"There is no bundle {path}.", "Name the file that `freehold export` made."
        )
    last = max(parts)
    if last > _MAX_PARTS:
        raise UsageError(f"{parts[last].name}: no bundle has so many parts.")
    missing = tuple(part_name(stem.name, n, last) for n in range(1, last) if n not in parts)
    return Found(stem, tuple(parts[number] for number in sorted(parts)), True, missing)


class PartsReader(io.RawIOBase):
    """Parts read as the one file they are. Seekable; use it in a `with` block."""

    def __init__(self, paths: Sequence[Path]) -> None:
        super().__init__()
        self._at, self._starts, self._files = 0, [0], list[BinaryIO]()
        self._stack = ExitStack()
        with storage_errors(f"open {paths[0].name}"):
            for path in paths:
                file = self._stack.enter_context(path.open("rb", buffering=0))
                self._files.append(file)
                self._starts.append(self._starts[-1] + os.fstat(file.fileno()).st_size)

    def readable(self) -> bool:
        """Yes."""
        return True

    def seekable(self) -> bool:
        """Yes."""
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Go to a place counted from the beginning, the end, or where it is."""
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: self._starts[-1]}[whence]
        self._at = max(0, base + offset)
        return self._at

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        """Fill `buffer` as far as one read of one part goes."""
        view = memoryview(buffer).cast("B")
        for index, file in enumerate(self._files):
            start, end = self._starts[index], self._starts[index + 1]
            if start <= self._at < end:
                file.seek(self._at - start)
                got: int = file.readinto(view[: end - self._at])  # type: ignore[attr-defined]
                self._at += got
                return got
        return 0

    def close(self) -> None:
        """Close every part."""
        self._stack.close()
        super().close()


class PartsWriter(io.RawIOBase):
    """Writes one file, or parts of `part_size` bytes, that appear under their names at `finish`.

    Leaving the `with` block without `finish` removes what was written.
    """

    def __init__(self, target: Path, total: int, part_size: int | None) -> None:
        super().__init__()
        self._part_size = part_size if part_size and part_size < total else None
        count = -(-total // self._part_size) if self._part_size else 1
        if count > _MAX_PARTS:
            raise UsageError(f"That would be {count:,} parts.", "Choose a larger --split.")
        self.paths = (
            tuple(target.with_name(part_name(target.name, n, count)) for n in range(1, count + 1))
            if self._part_size
            else (target,)
        )
        self._temporaries = tuple(
            path.with_name(f".{path.name}.{os.getpid()}{TEMPORARY}") for path in self.paths
        )
        _remove_what_the_dead_left(target)
        self._file: BinaryIO | None = None
        self._opened = self._in_part = 0

    def writable(self) -> bool:
        """Yes."""
        return True

    def write(self, data: ReadableBuffer, /) -> int:
        """Write as much of `data` as goes into the part that is open. Raises OSError."""
        view = memoryview(data).cast("B")
        if self._file is None:
            self._file = self._temporaries[self._opened].open("xb", buffering=0)
            self._opened, self._in_part = self._opened + 1, 0
        room = self._part_size - self._in_part if self._part_size else len(view)
        done = self._file.write(view[:room])
        self._in_part += done
        if self._part_size and self._in_part == self._part_size:
            self._end_part()
        return done

    def write_all(self, data: bytes) -> None:
        """Write all of `data`. Raises OSError."""
        done = 0
        while done < len(data):
            done += self.write(data[done:])

    def finish(self) -> None:
        """Put everything on the disk and under its name. Raises StorageError for a taken name."""
        self._end_part()
        refuse_existing(self.paths)
        # The first part last: without it an unfinished set is never taken for a bundle.
        for temporary, path in reversed(list(zip(self._temporaries, self.paths, strict=True))):
            temporary.replace(path)
        sync_folder(self.paths[0].parent)

    def _end_part(self) -> None:
        if self._file is not None:
            os.fsync(self._file.fileno())
            self._file.close()
            self._file = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        if self._file is not None:
            self._file.close()
        for temporary in self._temporaries[: self._opened]:
            with suppress(FileNotFoundError):  # it has its final name
                temporary.unlink()
        self.close()


def _remove_what_the_dead_left(target: Path) -> None:
    """Delete the half-written files of exports to this name whose processes were killed."""
    from psutil import pid_exists

    pattern = re.compile(
        rf"\.{re.escape(target.name)}(\.part\d+)?\.(?P<pid>\d+){re.escape(TEMPORARY)}"
    )
    for path in list(target.parent.iterdir()):
        found = pattern.fullmatch(path.name)
        if found and not pid_exists(int(found["pid"][:9])):
            path.unlink(missing_ok=True)


def refuse_existing(paths: Sequence[Path]) -> None:
    """Raise StorageError when one of these names is taken: an export overwrites nothing."""
    for path in paths:
        if path.exists() or path.is_symlink():
            raise StorageError(
                f"{path} exists already, and is not overwritten.",
                "Choose another name, or remove that file yourself.",
            )


def too_large(path: Path) -> StorageError:
    """The error for a disk that takes no file of this size."""
    return StorageError(
        f"The disk of {path} takes no file as large as this.",
        "Write it in parts: --split 4GB.",
    )


def refuse_missing(found: Found, more: Sequence[str] = ()) -> None:
    """Raise FormatError naming the parts that are not there."""
    missing = [*found.missing, *more]
    if missing:
        shown = ", ".join(missing[:8]) + (f" and {len(missing) - 8} more" if missing[8:] else "")
        raise FormatError(
            f"{found.stem.name} is not complete: {shown} {'is' if len(missing) == 1 else 'are'} "
            "missing.",
            "Put all the parts into one folder and import again.",
        )


def refuse_uneven(found: Found) -> None:
    """Raise FormatError when a part is not as long as the first: only the last may be shorter."""
    if not found.is_split:
        return
    with storage_errors(f"look at {found.stem.name}"):
        sizes = [path.stat().st_size for path in found.paths]
    for path, size in zip(found.paths, sizes, strict=True):
        is_last = path is found.paths[-1]
        if size > sizes[0] or (size < sizes[0] and not is_last) or not size:
            raise FormatError(
                f"{path.name} has {size:,} bytes, and {found.paths[0].name} has {sizes[0]:,}: one "
                "of them is damaged or of another export.",
                "Copy the parts again.",
            )
