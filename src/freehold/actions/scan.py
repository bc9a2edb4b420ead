"""Scan what a word means: an owned model with all its files, a file, or a folder."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.study_files import looks_like_a_path
from freehold.errors import NotOwned, StorageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.store.libraries import Found, Libraries
    from freehold.study.scan.finding import ScanReport


def scan(libraries: Libraries, words: str, progress: Progress = SILENT) -> ScanReport:
    """Look through it. A file's path comes before an owned name, a name before a folder's.

    Raises StorageError where it cannot be read, NotOwned or AmbiguousName for a name.
    """
    path = Path(words).expanduser()
    if looks_like_a_path(words) or path.is_file():
        return _scan_path(path, progress)
    try:
        found = libraries.find(words)
    except NotOwned:
        if path.exists():
            return _scan_path(path, progress)
        raise
    return _scan_owned(found, progress)


def _scan_owned(found: Found, progress: Progress) -> ScanReport:
    from freehold.study.scan.scan import scan_files

    model, store = found.model, found.store
    files = [(store.blob_path(file.digest), file.name) for file in model.files]
    return scan_files(model.name, files, progress)


def _scan_path(path: Path, progress: Progress) -> ScanReport:
    from freehold.formats.split import parse_split_name
    from freehold.study.scan.scan import scan_files, scan_folder

    if path.is_dir():
        return scan_folder(path, progress)
    if not path.is_file():
        trouble = "is not a file" if path.exists() else "is not there"
        raise StorageError(f"{path} {trouble}.", "Check the path, or name a model you own.")
    split = parse_split_name(path.name)
    names = split.siblings if split else (path.name,)
    files = [(path.with_name(name), name) for name in names]
    report = scan_files(path.name, files, progress)
    others = sum(1 for each in path.absolute().parent.iterdir() if each.name not in names)
    if not others:
        return report
    left = f"{others:,} more in {path.parent}: freehold study scan {path.parent}"
    return replace(report, not_looked_at=(*report.not_looked_at, left))
