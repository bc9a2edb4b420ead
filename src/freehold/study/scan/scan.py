"""Scan files: all that is dangerous or odd in them, and what was looked at to say so.

A scan reads; it runs nothing, loads nothing and changes nothing. It knows kinds of trouble that are
known; that it finds none is no proof that there is none, so it says what it has looked at.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from freehold.errors import StorageError
from freehold.progress import SILENT, Progress
from freehold.study.scan.beside import scan_other
from freehold.study.scan.finding import Gathering, ScanReport
from freehold.study.scan.folder import MAX_FILES, files_in
from freehold.study.scan.gguf_file import scan_gguf

_GGUF = b"GGUF"


def scan_files(
    name: str, files: Iterable[tuple[Path, str]], progress: Progress = SILENT
) -> ScanReport:
    """Scan files, each with what to call it. Raises StorageError where one cannot be read."""
    gathering = Gathering()
    _scan(files, gathering, progress)
    return gathering.report(name)


def scan_folder(folder: Path, progress: Progress = SILENT) -> ScanReport:
    """Scan every file below a folder. Raises StorageError where one cannot be read."""
    gathering = Gathering()
    found = files_in(folder)
    gathering.add(found.findings)
    if found.more:
        gathering.not_looked_at.append(f"further files: {MAX_FILES:,} were looked through")
    _scan(found.files, gathering, progress)
    return gathering.report(str(folder))


def _scan(files: Iterable[tuple[Path, str]], gathering: Gathering, progress: Progress) -> None:
    for path, label in files:
        try:
            with path.open("rb") as file:
                head = file.read(4)
            if head == _GGUF or label.lower().endswith(".gguf"):
                scan_gguf(path, label, gathering, progress)
            else:
                scan_other(path, label, gathering)
        except OSError as error:
            raise StorageError(
                f"{path} cannot be read: {error.strerror}.",
                "Check that you are allowed to read it.",
            ) from error
