"""Bytes that are on this machine already, in another program's folder: why fetch them again?

What is found by name is a claim; the store proves it before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

from freehold.errors import HashMismatch, StorageError
from freehold.names import Digest
from freehold.progress import SILENT, Progress
from freehold.sources.elsewhere.finder import find_models
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import Offer, OfferedFile
from freehold.store.model import BlobRecord, Link

if TYPE_CHECKING:
    from freehold.sources.elsewhere.found import FoundFile
    from freehold.store.store import Store


@dataclass(frozen=True)
class LocalCopy:
    """A file on offer and the paths here that may be it, the surest first."""

    file: OfferedFile
    paths: tuple[Path, ...]


def already_here(offer: Offer, here: Surroundings | None = None) -> tuple[LocalCopy, ...]:
    """The files of an offer that other programs here seem to keep. Only names and sizes are read.

    A file whose hash the offer doesn't say can't be recognised.
    """
    files = _files(here or Surroundings.here())
    copies = (
        LocalCopy(file, _matching(files, file.sha256, file.size, file.name))
        for file in offer.files
        if file.sha256 is not None
    )
    return tuple(copy for copy in copies if copy.paths)


def local_copies(
    digest: Digest, size: int | None, name: str, here: Surroundings | None = None
) -> list[Path]:
    """Files of other programs that may hash to `digest`, the surest first; none was read.

    First those whose own name is that hash, then those of this very name and size (in bytes; None
    where it is not known) whose names don't say what they hash to.
    """
    return list(_matching(_files(here or Surroundings.here()), digest, size, name))


def take_local(
    store: Store,
    digest: Digest,
    size: int | None,
    name: str,
    progress: Progress = SILENT,
    here: Surroundings | None = None,
) -> BlobRecord | None:
    """Own bytes that another program here keeps, in place of fetching them. None: it has none.

    They are shared where the disk can do it and copied where not: what is got is not to vanish when
    the other program tidies up. A file that is not what its name says is noted and passed over.
    """
    for path in local_copies(digest, size, name, here):
        try:
            return _take(store, path, digest, progress)
        except (HashMismatch, StorageError) as error:
            progress.note(f"{path} was not used in place of fetching {name}: {error.message}")
    return None


def _take(store: Store, path: Path, digest: Digest, progress: Progress) -> BlobRecord:
    way = store.likely_way(path)
    if way is Link.REFERENCE:
        return store.add_file(path, digest, progress, move=False)
    return store.adopt_file(path, digest, progress, ways=(Link.REFLINK, Link.HARD_LINK))


def _files(here: Surroundings) -> list[FoundFile]:
    return [file for model in find_models(here) for file in model.files]


def _matching(
    files: list[FoundFile], digest: Digest | None, size: int | None, name: str
) -> tuple[Path, ...]:
    base = PurePosixPath(name).name.casefold()
    sure = [file.path for file in files if file.sha256 == digest]
    perhaps = [
        file.path
        for file in files
        if file.sha256 is None
        and size in (None, file.size)
        and PurePosixPath(file.name).name.casefold() == base
    ]
    return tuple(dict.fromkeys(sure + perhaps))
