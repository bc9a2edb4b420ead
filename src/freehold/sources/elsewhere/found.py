"""What was found in another program's folder, and what a program is here."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from freehold.errors import UsageError
from freehold.names import Digest, ModelRef
from freehold.sources.elsewhere.surroundings import Surroundings
from freehold.sources.interface import Role


@dataclass(frozen=True)
class FoundFile:
    """One file of another program. `sha256` is what its name claims: nothing was read."""

    path: Path
    name: str
    role: Role
    size: int
    """Bytes."""
    sha256: Digest | None = None


@dataclass(frozen=True)
class FoundModel:
    """One model that another program keeps."""

    program: str
    title: str
    files: tuple[FoundFile, ...]
    ref: str | None = None
    """Where the program got it, as a reference; None where its folder doesn't say."""
    revision: str | None = None
    obstacle: str | None = None
    """Why it can't be adopted, as the end of a sentence; None when nothing speaks against it."""

    @property
    def size(self) -> int:
        """Bytes of all its files."""
        return sum(file.size for file in self.files)


@dataclass(frozen=True)
class Program:
    """A program that keeps models: where, and how its folders are read."""

    name: str
    folders: Callable[[Surroundings], list[Path]]
    """Where they may be; they need not exist."""
    recognises: Callable[[Path], bool]
    """Whether a folder that a person named is laid out like this program's."""
    models: Callable[[Path], Iterator[FoundModel]]
    """Every model in a folder of the program. Raises OSError where it can't be read."""


def in_text(path: Path | str) -> str:
    """A name as text that any file or terminal takes: bytes that are no UTF-8 are spelt out."""
    return str(path).encode("utf-8", "backslashreplace").decode("utf-8")


def known_ref(text: str) -> str | None:
    """`text` if it is a reference that can be used again, else None."""
    try:
        return str(ModelRef.parse(text))
    except UsageError:  # a name in a folder need not be one that a source takes
        return None
