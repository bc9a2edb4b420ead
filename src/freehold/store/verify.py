"""Verifying: are the bytes still the ones that were proven? It changes nothing but a health note.

By chunks, over all cores: the chunk hashes were made in the pass that proved the SHA-256 of the
whole, so a file whose chunks are all good is that file.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from freehold.errors import DamagedModel, StorageError
from freehold.names import Digest
from freehold.progress import Task
from freehold.store.adding import is_good, is_unchanged
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.hashing import bad_chunks, hash_file
from freehold.store.model import BlobRecord, FileState, HealthNote, Link, OwnedFile, OwnedModel, now

_SHOWN = 5
"""Bad chunks named in an error; the report has all of them."""


@dataclass(frozen=True)
class FileReport:
    """How one file is. Ranges are in bytes, the end not included."""

    name: str
    digest: Digest
    size: int
    state: FileState
    bad_chunks: tuple[int, ...] = ()
    bad_ranges: tuple[tuple[int, int], ...] = ()
    detail: str = ""

    @property
    def ok(self) -> bool:
        """Whether these are the bytes that were proven."""
        return self.state is FileState.OK


@dataclass(frozen=True)
class VerifyReport:
    """How a model is, file by file."""

    model: OwnedModel
    files: tuple[FileReport, ...]

    @property
    def ok(self) -> bool:
        """Whether every file is as it was proven."""
        return all(file.ok for file in self.files)


class Verifier:
    """Checks blobs. `note` records what was found, and may do nothing on a read-only disk."""

    def __init__(self, catalogue: Catalogue, blobs: BlobFolder) -> None:
        self._catalogue = catalogue
        self._blobs = blobs

    def check_file(self, file: OwnedFile, task: Task) -> tuple[FileReport, BlobRecord | None]:
        """Read the whole of one file. Gives what to say, and its record as it should now be."""
        record = self._catalogue.blob(file.digest)
        path = self._blobs.path(file.digest)
        try:
            size = path.stat().st_size
        except (FileNotFoundError, NotADirectoryError):
            return self._found(file, record, FileState.MISSING, _gone(record))
        except OSError as error:
            return self._found(file, record, FileState.UNREADABLE, f"{error.strerror}.")
        if size != file.size:
            detail = f"The file has {size:,} bytes and should have {file.size:,}."
            return self._found(file, record, FileState.SIZE_CHANGED, detail)
        try:
            if record is None:
                return self._whole(file, path, task)
            bad = bad_chunks(path, record.size, record.chunks, record.chunk_size, task)
        except OSError as error:
            return self._found(file, record, FileState.UNREADABLE, f"{error.strerror}.")
        if bad:
            detail = f"{len(bad)} of {record.chunk_count} chunks are damaged."
            return self._found(file, record, FileState.DAMAGED, detail, bad)
        return self._found(file, record, FileState.OK)

    def report_known(self, file: OwnedFile, record: BlobRecord) -> FileReport:
        """What the last check found, without reading the file again."""
        note = record.health
        when = f"Found on {note.checked_at:%Y-%m-%d}."
        return _report(file, record, note.state, when, note.bad_chunks)

    def _whole(
        self, file: OwnedFile, path: Path, task: Task
    ) -> tuple[FileReport, BlobRecord | None]:
        """Without chunk hashes only the whole can be checked."""
        good = hash_file(path, task).digest == file.digest
        state = FileState.OK if good else FileState.DAMAGED
        detail = "" if good else "Its chunk hashes are lost, so where it is damaged is not known."
        return self._found(file, None, state, detail)

    def _found(
        self,
        file: OwnedFile,
        record: BlobRecord | None,
        state: FileState,
        detail: str = "",
        bad: list[int] | None = None,
    ) -> tuple[FileReport, BlobRecord | None]:
        report = _report(file, record, state, detail, tuple(bad or ()))
        if record is None:
            return report, None
        note = HealthNote(state, now(), report.bad_chunks)
        stat = self._blobs.stat(file.digest) if state is FileState.OK else None
        if stat is not None:
            record = replace(record, mtime_ns=stat.st_mtime_ns, inode=stat.st_ino)
        return report, replace(record, health=note)

    def is_ready(self, file: OwnedFile) -> bool | None:
        """Whether a file is known to be good (True), known to be bad (False), or neither."""
        record = self._catalogue.blob(file.digest)
        try:
            stat = self._blobs.stat(file.digest)
        except StorageError:
            return None  # checking it will say what is wrong
        if record is None or stat is None or not is_unchanged(record, stat):
            return None
        return is_good(record)


def damaged_model(report: VerifyReport) -> DamagedModel:
    """The error for a model that must not be used as it is: each bad file with its chunks."""
    return DamagedModel(
        f"{damage_in_words(report)} It was not used.",
        f"To mend it: freehold repair {report.model.name}. It shows its plan first.",
    )


def damage_in_words(report: VerifyReport) -> str:
    """One sentence: each bad file of a model with its chunks and their bytes."""
    parts = [
        f"{file.name}: {file.state.value}{_chunks(file)}{_place(file)}"
        for file in report.files
        if not file.ok
    ]
    return f"{report.model.name} is damaged. {'; '.join(parts)}."


def _chunks(file: FileReport) -> str:
    if not file.bad_chunks:
        return ""
    shown = ", ".join(
        f"{index} (bytes {begin:,} to {end - 1:,})"
        for index, (begin, end) in list(zip(file.bad_chunks, file.bad_ranges, strict=True))[:_SHOWN]
    )
    more = len(file.bad_chunks) - _SHOWN
    return f", chunk {shown}" + (f" and {more} more" if more > 0 else "")


_NOT_THERE = "The file is not there."


def _gone(record: BlobRecord | None) -> str:
    if record is not None and record.link is Link.REFERENCE:
        return f"Its file at {record.elsewhere} is gone."
    return _NOT_THERE


def _place(file: FileReport) -> str:
    """Where a file of another program should have been."""
    told = file.state is FileState.MISSING and file.detail not in {"", _NOT_THERE}
    return f" ({file.detail[0].lower()}{file.detail[1:].rstrip('.')})" if told else ""


def _report(
    file: OwnedFile,
    record: BlobRecord | None,
    state: FileState,
    detail: str,
    bad: tuple[int, ...],
) -> FileReport:
    ranges = tuple(record.chunk_range(index) for index in bad) if record else ()
    return FileReport(file.name, file.digest, file.size, state, bad, ranges, detail)
