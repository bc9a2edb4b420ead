"""What is owned, as frozen facts: blobs, models, where they were seen, and how they are.

Nothing here touches the disk.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Literal

from freehold.names import Digest

Fact = str | int | float | bool | None
LicenceKind = Literal["open source", "open with restrictions", "unknown"]

WEIGHTS = "weights"
MAX_SIGNATURES = 16
"""As many as a model keeps: more than that is a flood."""
MAX_SIGNATURE = 96 << 10
"""Characters of one: enough for a model of four hundred files."""
# A licence text or a readme beside the weights doesn't change what the model answers, and mirrors
# differ in whether they carry one: they are owned with the model but are not part of its identity.
_BESIDE = frozenset({"licence", "document"})


class FileState(StrEnum):
    """How the bytes of one owned file are."""

    OK = "ok"
    DAMAGED = "damaged"
    """Some chunks don't hash to what they should."""
    SIZE_CHANGED = "size changed"
    MISSING = "missing"
    UNREADABLE = "unreadable"
    """The disk refuses to read it."""


class Link(StrEnum):
    """How the store holds a blob's bytes."""

    OWN = "own file"
    REFLINK = "reflink"
    """A file of our own that takes no space until either copy changes."""
    HARD_LINK = "hard link"
    """The very file of another program, by a second name: its changes are changes here."""
    REFERENCE = "reference"
    """Only the path of another program's file."""


@dataclass(frozen=True)
class HealthNote:
    """What the last check of a blob found. `checked_at` is in UTC."""

    state: FileState
    checked_at: datetime
    bad_chunks: tuple[int, ...] = ()


@dataclass(frozen=True)
class BlobRecord:
    """The proof of a blob: its hash, and the tree of chunk hashes made in the same pass.

    `chunks` is the SHA-256 of each `chunk_size` bytes (the last chunk may be shorter), 32 bytes
    each, one after the other; `root` is the SHA-256 of `chunks`. `mtime_ns` and `inode` are the
    file's when it was last known to be good: a file that still has them is the file proven.
    """

    digest: Digest
    size: int
    chunk_size: int
    chunks: bytes = field(repr=False)
    root: Digest
    proven_at: datetime
    mtime_ns: int
    inode: int
    health: HealthNote
    link: Link = Link.OWN
    elsewhere: str | None = None
    """The file of another program that the bytes are shared with, where they are."""

    @property
    def chunk_count(self) -> int:
        """How many chunks the blob has: zero for an empty file."""
        return -(-self.size // self.chunk_size)

    def chunk_hash(self, index: int) -> bytes:
        """The 32 bytes of the SHA-256 of chunk `index`, from zero."""
        return self.chunks[32 * index : 32 * index + 32]

    def chunk_range(self, index: int) -> tuple[int, int]:
        """Where chunk `index` begins and ends in the file, in bytes, the end not included."""
        begin = index * self.chunk_size
        return begin, min(begin + self.chunk_size, self.size)


@dataclass(frozen=True)
class OwnedFile:
    """One file of a model. `size` is in bytes; `role` is a word such as `weights`."""

    name: str
    role: str
    digest: Digest
    size: int


@dataclass(frozen=True)
class Sighting:
    """Provenance: one place where these very bytes were seen, and when (UTC)."""

    ref: str
    url: str | None
    revision: str | None
    seen_at: datetime

    @classmethod
    def now(cls, ref: str, url: str | None = None, revision: str | None = None) -> Sighting:
        """Seen there at this moment."""
        return cls(ref, url, revision, now())


@dataclass(frozen=True)
class Licence:
    """What may be done with a model, as claimed by where it came from. Not legal advice."""

    spdx: str | None = None
    name: str | None = None
    kind: LicenceKind = "unknown"
    text_digest: Digest | None = None


@dataclass(frozen=True)
class Parent:
    """Lineage: a model this one was made from. `relation` is a word such as `quantized`."""

    id: str
    relation: str
    name: str | None = None
    detail: str | None = None


@dataclass(frozen=True)
class NewModel:
    """What a caller knows of a model whose files it has just added."""

    name: str
    files: tuple[OwnedFile, ...]
    licence: Licence = Licence()
    sightings: tuple[Sighting, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    parents: tuple[Parent, ...] = ()
    tags: tuple[str, ...] = ()
    notes: str = ""
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True)
class OwnedModel:
    """A model that is yours. Times are UTC; `health` is the worst state noted for its files."""

    id: str
    name: str
    files: tuple[OwnedFile, ...]
    licence: Licence
    sightings: tuple[Sighting, ...]
    added_at: datetime
    facts: Mapping[str, Fact]
    parents: tuple[Parent, ...] = ()
    tags: tuple[str, ...] = ()
    notes: str = ""
    pinned: bool = False
    last_used_at: datetime | None = None
    health: FileState = FileState.OK
    signatures: tuple[str, ...] = ()
    """Envelopes in which others, or the owner, vouch for it: kept as they came, believed by
    nobody here. `freehold.share` checks them."""

    @property
    def weights(self) -> OwnedFile:
        """The first file of weights; the first file where none says so."""
        return next((file for file in self.files if file.role == WEIGHTS), self.files[0])

    @property
    def parts(self) -> tuple[OwnedFile, ...]:
        """The files of weights: `weights` alone, or all of them in order where it is split."""
        return tuple(file for file in self.files if file.role == self.weights.role)

    @property
    def runs(self) -> bool:
        """Whether it is a model that an engine runs: not an adapter, nor kept in another format."""
        return "format" not in self.facts and "kind" not in self.facts

    @property
    def size(self) -> int:
        """Bytes of all its files, each blob counted once."""
        return sum({file.digest: file.size for file in self.files}.values())

    @property
    def short_id(self) -> str:
        """The first twelve digits of the id: enough to type."""
        return self.id[:12]


def model_id(files: tuple[OwnedFile, ...]) -> str:
    """What a model is, as 64 hexadecimal digits: the same from every mirror.

    With one file that matters, its SHA-256. With several (split weights, a projector, a template),
    the SHA-256 of the sorted lines `role sha256:<hex>`. Names, licences and documents don't count.
    """
    core = [file for file in files if file.role not in _BESIDE] or list(files)
    if len(core) == 1:
        return core[0].digest.hex
    lines = sorted(f"{file.role} {file.digest}\n" for file in core)
    return hashlib.sha256(("freehold model 1\n" + "".join(lines)).encode()).hexdigest()


def now() -> datetime:
    """This moment, in UTC."""
    return datetime.now(UTC)
