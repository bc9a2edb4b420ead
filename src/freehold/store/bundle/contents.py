"""What a bundle holds, as frozen facts. Nothing here touches the disk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from freehold.names import Digest
from freehold.store.model import Fact, Licence, OwnedFile, Parent, Sighting

PROVENANCE_ROLE = "provenance"
PROVENANCE_NAME = "freehold.json"
CHUNKS_ROLE = "chunks"
CHUNKS_OF = "org.freehold.chunks.of"
"""Our annotation of a layer of chunk hashes: the blob they are of."""
CHUNK_SIZE = "org.freehold.chunks.size"
"""Our annotation beside it: bytes in a chunk."""


@dataclass(frozen=True)
class Story:
    """What the last owner's Freehold knew of a model beyond its bytes. Claims, all of it."""

    name: str
    licence: Licence = field(default_factory=Licence)
    sightings: tuple[Sighting, ...] = ()
    facts: Mapping[str, Fact] = field(default_factory=dict)
    parents: tuple[Parent, ...] = ()
    tags: tuple[str, ...] = ()
    notes: str = ""
    signatures: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChunkHashes:
    """The SHA-256 of each `chunk_size` bytes of a blob, one after the other."""

    chunk_size: int
    hashes: bytes


@dataclass(frozen=True)
class BundledModel:
    """One model in a bundle. `is_ours` says that a Freehold wrote it, story and all."""

    files: tuple[OwnedFile, ...]
    story: Story
    is_ours: bool
    chunks: Mapping[Digest, ChunkHashes] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """What it is called in the bundle."""
        return self.story.name

    @property
    def size(self) -> int:
        """Bytes of all its files, each blob counted once."""
        return sum({file.digest: file.size for file in self.files}.values())
