"""What every source answers: an `Offer`, made of files, each made of pieces to fetch.

A source turns a name into addresses, sizes and hashes by reading small documents (an index, a
manifest, a file list, the directory of a zip). The transfer engine fetches; the store proves.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from freehold.names import Digest, ModelRef, Scheme
from freehold.transfer.interface import RemoteFile


class Role(StrEnum):
    """What a file is for."""

    WEIGHTS = "weights"
    PROJECTOR = "projector"
    ADAPTER = "adapter"
    TEMPLATE = "template"
    SYSTEM = "system"
    PARAMS = "params"
    MESSAGES = "messages"
    LICENCE = "licence"
    DOCUMENT = "document"
    OTHER = "other"


@dataclass(frozen=True)
class Piece:
    """Bytes that make up a file or a part of it: a whole download, or one member of a zip."""

    remote: RemoteFile
    member: str | None = None
    size: int | None = None
    """Bytes this piece adds to the file (after decompression)."""


@dataclass(frozen=True)
class OfferedFile:
    """One file as it will be owned. Its pieces, in order, are its bytes."""

    name: str
    role: Role
    pieces: tuple[Piece, ...]
    size: int | None = None
    sha256: Digest | None = None

    @property
    def download_size(self) -> int | None:
        """Bytes to fetch for it; None when any of them is unknown."""
        sizes = [piece.remote.size for piece in self.pieces]
        return None if None in sizes else sum(size for size in sizes if size is not None)


@dataclass(frozen=True)
class LicenceClaim:
    """What a source says of the licence, as it says it. None where it says nothing."""

    spdx: str | None = None
    name: str | None = None
    text: str | None = None


@dataclass(frozen=True)
class Offer:
    """What a name stands for at a source, at one moment."""

    ref: ModelRef
    revision: str | None
    """The immutable revision it was resolved to: a commit, a version, a manifest digest."""
    title: str
    files: tuple[OfferedFile, ...]
    """What `get` will fetch."""
    alternatives: tuple[OfferedFile, ...] = ()
    """Other files under the same name that could have been chosen."""
    licence: LicenceClaim = LicenceClaim()
    homepage: str | None = None
    story: bytes | None = field(default=None, repr=False)
    """What another Freehold knows of it, as a bundle would carry it. A claim like the rest."""


class Source(Protocol):
    """A place models come from."""

    scheme: Scheme

    def resolve(self, ref: ModelRef) -> Offer:
        """Say what to fetch. Raises NotFound, AccessDenied or Unreachable."""
