"""What is in a folder: its files, and links that lead out of it. Nothing is followed outside."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.study.scan.finding import Finding, Severity, excerpt

MAX_FILES = 10_000


@dataclass(frozen=True)
class FolderFiles:
    """The files to look through, and what was found on the way."""

    files: tuple[tuple[Path, str], ...]
    """Each with its path inside the folder."""
    findings: tuple[Finding, ...]
    more: bool
    """Whether there are further files."""


def files_in(folder: Path) -> FolderFiles:
    """Every file below a folder, in order of their names. Hidden folders are looked into too."""
    files: list[tuple[Path, str]] = []
    findings: list[Finding] = []
    for path in _below(folder):
        if len(files) >= MAX_FILES:
            return FolderFiles(tuple(files), tuple(findings), more=True)
        label = str(path.relative_to(folder))
        if path.is_symlink() and not _stays(path, folder):
            findings.append(_leads_out(path, label))
        elif path.is_file():
            files.append((path, label))
        elif not path.is_symlink():
            findings.append(_no_file(label))
    return FolderFiles(tuple(files), tuple(findings), more=False)


def _below(folder: Path) -> Iterator[Path]:
    for root, folders, names in os.walk(folder, followlinks=False):
        folders.sort()
        links = [name for name in folders if (Path(root) / name).is_symlink()]
        for name in sorted([*names, *links]):
            yield Path(root) / name


def _stays(path: Path, folder: Path) -> bool:
    """Whether a link ends inside the folder, or in the store that a Hub's cache keeps for it."""
    try:
        target = path.resolve(strict=True)
    except (OSError, RuntimeError):
        return False
    whole = folder.resolve()
    cache = next(
        (each for each in (whole, *whole.parents) if each.name.startswith("models--")), whole
    )
    return target.is_relative_to(whole) or target.is_relative_to(cache / "blobs")


def _leads_out(path: Path, label: str) -> Finding:
    return Finding(
        Severity.SUSPICIOUS,
        label,
        f"It is a link that leads out of the folder, to {excerpt(str(path.readlink()), 160)!r}.",
        "A program that copies or serves the folder gives that file away, or writes over it.",
        "Remove the link unless you made it.",
    )


def _no_file(label: str) -> Finding:
    return Finding(
        Severity.ODD,
        label,
        "It is neither a file nor a folder (a pipe, a device, a socket).",
        "A program that opens it may wait for ever.",
        "Remove it unless you made it.",
    )
