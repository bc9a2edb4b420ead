"""The files that `modify` reads: those of owned models, proven first, or ones at a path.

They are opened from where they were found: a name is looked up, and bytes are proven, once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import NotOwned, StorageError, UnsupportedModel
from freehold.names import has_scheme
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.store.libraries import Libraries
    from freehold.store.model import OwnedModel
    from freehold.study.subject import Subject


@dataclass(frozen=True)
class Source:
    """One file that goes into a new one."""

    name: str
    path: Path
    sha256: str
    owned: OwnedModel | None
    """None for a file that is not owned: its licence is what its header says."""
    licence: Path | None = None
    """The text of the licence that it is owned with."""


def source(libraries: Libraries, words: str, progress: Progress = SILENT) -> Source:
    """What `words` mean: a path to a .gguf file, or an owned name. Its bytes are proven, or hashed.

    Raises StorageError for a path where nothing is, NotOwned, AmbiguousName, DamagedModel,
    UnsupportedModel for a model in several parts.
    """
    from freehold.store.model import WEIGHTS

    path = Path(words).expanduser()
    if path.suffix.lower() == ".gguf" and not has_scheme(words):
        return _from_path(path, progress)
    try:
        found = libraries.find(words)
    except NotOwned as error:
        hint = f"{error.hint or ''} A .gguf file that is not owned can be named by its path."
        raise NotOwned(error.message, hint.strip()) from error
    model = found.model
    if "format" in model.facts or len([f for f in model.files if f.role == WEIGHTS]) > 1:
        raise UnsupportedModel(
            f"{model.name} is not one GGUF file.", "Get it as a single .gguf file."
        )
    found.store.check_ready(model, progress)
    digest = model.weights.digest
    text = model.licence.text_digest
    licence = None if text is None else found.store.blob_path(text)
    return Source(model.name, found.store.blob_path(digest), digest.hex, model, licence)


def opened(given: Source, cache_bytes: int = 0) -> Subject:
    """A source that is a model, to be looked into; `cache_bytes` are those of `Transformer.open`.

    Raises ModelRefused for an owned adapter or control vector.
    """
    from freehold.actions.load import check_runnable
    from freehold.actions.open_subject import start_engine
    from freehold.actions.open_tensors import open_tensors
    from freehold.study.subject import Subject

    if given.owned is not None:
        check_runnable(given.owned)
    start = partial(start_engine, given.path, None)
    return Subject(given.name, given.path, start, None, cache_bytes, open_tensors)


def sha256_of(path: Path, progress: Progress = SILENT) -> str:
    """The SHA-256 of a file that is there, in hexadecimal. Raises StorageError."""
    from freehold.store.hashing import hash_file

    with progress.task(path.name, path.stat().st_size) as task:
        return hash_file(path, task).digest.hex


def _from_path(path: Path, progress: Progress) -> Source:
    from freehold.formats.gguf import read_header
    from freehold.formats.split import split_facts

    if not path.is_file():
        raise StorageError(f"{path} is not there.", "Check the path, or name a model you own.")
    if split_facts(read_header(path)) is not None:
        raise UnsupportedModel(
            f"{path} is one part of a split model.", "Get it as a single .gguf file."
        )
    return Source(path.stem, path, sha256_of(path, progress), None)
