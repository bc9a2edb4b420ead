"""Which files `study` opens: those of an owned model, or ones at a path that nobody has to own."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import NotOwned, StorageError
from freehold.names import has_scheme

if TYPE_CHECKING:
    from freehold.store.libraries import Found, Libraries
    from freehold.study.weights_file import WeightsFile

_SUFFIXES = frozenset({".gguf", ".safetensors"})


@dataclass(frozen=True)
class StudyFiles:
    """A model's weights, wherever they are."""

    name: str
    paths: tuple[Path, ...]
    """All parts of a split model, in order."""
    owned: Found | None
    """What the ledger knows; None for a file that is not owned."""

    def read(self) -> WeightsFile:
        """Its headers. Raises FormatError, StorageError."""
        from freehold.study.weights_file import read_weights

        return read_weights(self.name, self.paths)


def study_files(libraries: Libraries, words: str) -> StudyFiles:
    """The files that `words` mean: a path to a .gguf or .safetensors file, or an owned name.

    Raises StorageError for a path where nothing is, NotOwned or AmbiguousName for a name.
    """
    path = Path(words).expanduser()
    if looks_like_a_path(words) or path.is_file():
        return StudyFiles(path.name, _parts(path), None)
    try:
        found = libraries.find(words)
    except NotOwned as error:
        hint = f"{error.hint or ''} A file that is not owned can be named by its path."
        raise NotOwned(error.message, hint.strip()) from error
    return owned_files(found)


def looks_like_a_path(words: str) -> bool:
    """Whether they can mean no owned model: `./x`, `x.gguf`, `~/models/x`; `hf:org/x` can."""
    if has_scheme(words):
        return False
    return (
        Path(words).suffix.lower() in _SUFFIXES or words[:1] in {"/", "~", "."} or os.sep in words
    )


def owned_files(found: Found) -> StudyFiles:
    """The weights of an owned model."""
    return StudyFiles(found.model.name, found.store.weights_paths(found.model), found)


def _parts(path: Path) -> tuple[Path, ...]:
    from freehold.formats.split import parse_split_name

    if not path.is_file():
        trouble = "is not a file" if path.exists() else "is not there"
        raise StorageError(f"{path} {trouble}.", "Check the path, or name a model you own.")
    split = parse_split_name(path.name)
    if split is None:
        return (path,)
    return tuple(path.with_name(name) for name in split.siblings)
