"""Scan what a word means: an owned model with all its files, a file, or a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.study_files import StudyFiles, looks_like_a_path, study_files
from freehold.errors import NotOwned
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.store.libraries import Found, Libraries
    from freehold.study.scan.finding import ScanReport


def scan(libraries: Libraries, words: str, progress: Progress = SILENT) -> ScanReport:
    """Look through it. A file's path comes before an owned name, a name before a folder's.

    Raises StorageError where it cannot be read, NotOwned or AmbiguousName for a name.
    """
    from freehold.study.scan.scan import scan_folder

    folder = Path(words).expanduser()
    if folder.is_dir() and looks_like_a_path(words):
        return scan_folder(folder, progress)
    try:
        files = study_files(libraries, words)
    except NotOwned:
        if folder.is_dir():
            return scan_folder(folder, progress)
        raise
    if files.owned is not None:
        return _scan_owned(files.owned, progress)
    return _scan_files(files, progress)


def _scan_owned(found: Found, progress: Progress) -> ScanReport:
    from freehold.study.scan.scan import scan_files

    model, store = found.model, found.store
    files = [(store.blob_path(file.digest), file.name) for file in model.files]
    return scan_files(model.name, files, progress)


def _scan_files(files: StudyFiles, progress: Progress) -> ScanReport:
    from freehold.study.scan.scan import scan_files

    parts = [(path, path.name) for path in files.paths]
    report = scan_files(files.name, parts, progress)
    folder, names = files.paths[0].parent, {name for _, name in parts}
    others = sum(1 for each in folder.absolute().iterdir() if each.name not in names)
    if not others:
        return report
    left = f"{others:,} more in {folder}: freehold study scan {folder}"
    return replace(report, not_looked_at=(*report.not_looked_at, left))
