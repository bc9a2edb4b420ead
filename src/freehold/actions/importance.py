"""Find what each column of a model's matrices counts for: from a text, or from llama.cpp's file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import FormatError, StorageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.modify.writing import Importance
    from freehold.study.texts import Text

_WINDOW = 512
"""Tokens read at once, as by llama.cpp's tool."""


@dataclass(frozen=True)
class Weighing:
    """Where importance is to come from."""

    given: Text | Path
    """A text to read, or llama.cpp's file of what it found."""
    windows: int = 16
    """Of the text, spread evenly over it; so many at most."""


@dataclass(frozen=True)
class Weighed:
    """What counts, and where that was found."""

    importance: Importance
    sha256: str
    """Of the text or file."""
    said: str
    """Where it comes from, in words; no path."""


def is_imatrix_file(path: Path) -> bool:
    """Whether a file is llama.cpp's of an importance matrix, by its header. Raises StorageError."""
    from freehold.formats.gguf import read_header
    from freehold.modify.importance import is_imatrix

    try:
        with path.open("rb") as file:
            if file.read(4) != b"GGUF":
                return False
    except OSError as error:
        raise StorageError(f"{path} cannot be read: {error.strerror}.") from error
    if is_imatrix(read_header(path)):
        return True
    raise FormatError(
        f"{path.name} is a GGUF file, but no importance matrix.",
        "Give a text, or what llama.cpp's imatrix tool wrote.",
    )


def find_importance(base: Source, weighing: Weighing, progress: Progress = SILENT) -> Weighed:
    """What the matrices of `base` have to read.

    Raises UsageError for a text too short or a file for another model, UnsupportedModel for a
    family that the decoder cannot open up.
    """
    from freehold.actions.modify_sources import opened, sha256_of
    from freehold.formats.gguf import read_header
    from freehold.modify.importance import check_importance, gather, read_imatrix
    from freehold.study.perplexity import WindowChoices, plan_reading

    text = weighing.given
    if isinstance(text, Path):
        found = read_imatrix(text)
        check_importance(found, read_header(base.path), base.name)
        digest = sha256_of(text, progress)
        return Weighed(found, digest, "llama.cpp's importance matrix")
    with opened(base) as subject:
        size = min(_WINDOW, subject.transformer.config.context)
        read = plan_reading(subject, text.words, WindowChoices(size=size))
        subject.rest()
        windows = _spread([window.ids for window in read.windows], weighing.windows)
        found = gather(subject.transformer, windows, progress)
    tokens = sum(map(len, windows))
    return Weighed(found, text.digest, f"{tokens:,} tokens of a text")


def _spread(windows: list[tuple[int, ...]], most: int) -> list[tuple[int, ...]]:
    """At most so many of them, as far apart as they can be."""
    if len(windows) <= most:
        return windows
    return [windows[index * len(windows) // most] for index in range(most)]
