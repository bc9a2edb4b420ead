"""Files on the disk against what an OpenSSF signature says of them.

No path from a signature is ever opened: what is there is walked and hashed, and then compared.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from freehold.errors import StorageError, UsageError
from freehold.progress import Progress, Task
from freehold.share.openssf.manifest import ITSELF, Manifest, Piece, Rules
from freehold.store.durable import storage_errors

_BLOCK = 1 << 20


@dataclass(frozen=True)
class Compared:
    """How files are to what was signed, each by name."""

    good: tuple[str, ...]
    differing: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    """Signed, and not there."""
    unsigned: tuple[str, ...] = ()
    """There, and not signed."""
    left_out: tuple[str, ...] = ()
    """There, and by the signature's own rules not looked at."""

    @property
    def holds(self) -> bool:
        """Whether all that is there is as it was signed."""
        return bool(self.good) and not (self.differing or self.missing or self.unsigned)


def find_files(target: Path, rules: Rules, but: Path | None = None) -> dict[str, Path]:
    """The files below a folder by their names in a signature, or the one file itself.

    `but` is the signature's own file. Raises UsageError for links that the rules do not follow.
    """
    if target.is_file():
        return {ITSELF: target}
    if not target.is_dir():
        raise StorageError(f"{target} is neither a file nor a folder.", "Name what was signed.")
    own = but.resolve() if but else None
    return {name: path for name, path in _walk(target, rules) if path.resolve() != own}


def _walk(target: Path, rules: Rules) -> Iterator[tuple[str, Path]]:
    def stop(error: OSError) -> None:
        raise error

    with storage_errors(f"list {target}"):
        for folder, folders, names in os.walk(target, onerror=stop):
            folders.sort()
            links = [each for each in folders if Path(folder, each).is_symlink()]
            for name in (*sorted(names), *links):
                path = Path(folder, name)
                if path.is_symlink() and not rules.links:
                    raise UsageError(
                        f"{path} is a link, and the signature's rules follow none.",
                        "Copy the folder with the files in place of the links: cp -rL.",
                    )
                if path.is_file():
                    yield path.relative_to(target).as_posix(), path


def hash_files(
    files: Mapping[str, Path], rules: Rules, progress: Progress
) -> dict[str, tuple[Piece, ...]]:
    """The pieces of each file, by the rules. A file left out is not read."""
    wanted = {name: path for name, path in files.items() if not rules.leaves_out(name)}
    hashed: dict[str, tuple[Piece, ...]] = {}
    with storage_errors("read what was signed"):
        total = sum(path.stat().st_size for path in wanted.values())
        with progress.task("hash", total) as task:
            for name, path in sorted(wanted.items()):
                pieces = tuple(_pieces(path, rules, task))
                if pieces:  # a file without bytes has no shards
                    hashed[name] = pieces
    return hashed


def compare_files(
    files: Mapping[str, Path], hashed: Mapping[str, tuple[Piece, ...]], manifest: Manifest
) -> Compared:
    """What is there against what was signed."""
    signed = manifest.files
    both = sorted(set(hashed) & set(signed))
    return Compared(
        good=tuple(name for name in both if hashed[name] == signed[name]),
        differing=tuple(name for name in both if hashed[name] != signed[name]),
        missing=tuple(sorted(set(signed) - set(hashed))),
        unsigned=tuple(sorted(set(hashed) - set(signed))),
        left_out=tuple(sorted(name for name in files if manifest.rules.leaves_out(name))),
    )


def compare_model(hashed: Mapping[str, tuple[Piece, ...]], manifest: Manifest) -> Compared:
    """An owned model's files against what was signed, by their bytes: names change on the way.

    A folder that was signed has files that nobody needs to own, so none is missing.
    """
    signed = set(manifest.files.values())
    good = tuple(name for name, pieces in hashed.items() if pieces in signed)
    return Compared(good, unsigned=tuple(name for name in hashed if name not in good))


def _pieces(path: Path, rules: Rules, task: Task) -> Iterator[Piece]:
    with path.open("rb", buffering=0) as file:
        if rules.part is None:
            yield Piece(0, None, _digest(file, None, rules.algorithm, task))
            return
        size = os.fstat(file.fileno()).st_size
        for start in range(0, size, rules.part):
            end = min(start + rules.part, size)
            yield Piece(start, end, _digest(file, end, rules.algorithm, task))


def _digest(file: BinaryIO, end: int | None, algorithm: str, task: Task) -> str:
    """From where the file is up to `end`, or to its own."""
    whole = hashlib.new(algorithm)
    while block := file.read(_BLOCK if end is None else min(_BLOCK, end - file.tell())):
        whole.update(block)
        task.advance(len(block))
    return whole.hexdigest()
