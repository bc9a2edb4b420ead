"""A model as it is published: its files, and the documents that travel with them.

Made from the records of an owned model, and only of what may leave: the bundle's rules decide.
Everything here is the same each time for the same model, so that hashes of it mean something.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256

from freehold.errors import NotOwned
from freehold.names import Digest, ModelRef, Scheme
from freehold.share.card import write_card
from freehold.store.bundle.contents import PROVENANCE_NAME, PROVENANCE_ROLE, Story
from freehold.store.bundle.plan import legible, path_in_bundle
from freehold.store.bundle.provenance import story_of
from freehold.store.model import BlobRecord, OwnedFile, OwnedModel

CARD = "README.md"
SUMS = "SHA256SUMS"
_CARD_BESIDE_ANOTHER = "FREEHOLD.md"
_DOCUMENT = "document"


@dataclass(frozen=True)
class PublishedFile:
    """One file as others see it. `size` is in bytes.

    `data` are the bytes of a document made here; None for a file of the store. `chunks` are the
    SHA-256 of each `chunk_size` bytes, 32 bytes each; empty for documents.
    """

    path: str
    role: str
    digest: Digest
    size: int
    data: bytes | None = field(default=None, repr=False)
    chunk_size: int = 0
    chunks: bytes = field(default=b"", repr=False)
    root: Digest | None = None


@dataclass(frozen=True)
class PublishedModel:
    """One model as others see it."""

    name: str
    id: str
    """The model's id in the store: what it is."""
    story: Story
    files: tuple[PublishedFile, ...]
    """Those of the store first, then the documents."""
    model: OwnedModel = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of the files of the store, each blob counted once."""
        return self.model.size

    @property
    def owned(self) -> tuple[PublishedFile, ...]:
        """Without the documents that were made for it."""
        return tuple(file for file in self.files if file.data is None)

    @property
    def licence_file(self) -> PublishedFile | None:
        """The licence's text, where it is known."""
        return next((file for file in self.files if file.role == "licence"), None)

    @property
    def repository(self) -> str:
        """What it is called under our name, by every program: two words with a slash between."""
        return f"freehold/{self.name}"

    @property
    def repositories(self) -> tuple[str, ...]:
        """What it is called as a repository of a hub: under our name, and where it was got."""
        refs = (ModelRef.parse(seen.ref) for seen in self.story.sightings)
        named = [ref.location for ref in refs if ref.scheme is Scheme.HUGGINGFACE]
        return tuple(dict.fromkeys((self.repository, *named)))


def publish(
    model: OwnedModel,
    record_of: Callable[[Digest], BlobRecord | None],
) -> PublishedModel:
    """A model of the store as others will see it.

    Raises NotOwned when the record of a file is gone.
    """
    story = story_of(model, with_notes=False)
    taken = {PROVENANCE_NAME, SUMS}
    files: list[PublishedFile] = []
    for file in model.files:
        path = path_in_bundle(file, taken)
        taken.add(path)
        files.append(_from_store(model, file, path, record_of(file.digest)))
    card = _CARD_BESIDE_ANOTHER if CARD in taken else CARD
    text = write_card(model, story, [(file.path, file.size, file.digest) for file in files])
    files.append(document(card, _DOCUMENT, text.encode()))
    files.append(document(PROVENANCE_NAME, PROVENANCE_ROLE, legible(story, model)))
    files.append(document(SUMS, _DOCUMENT, sums(files)))
    return PublishedModel(model.name, model.id, story, tuple(files), model)


def document(path: str, role: str, data: bytes) -> PublishedFile:
    """A file whose bytes were made here."""
    return PublishedFile(path, role, Digest(sha256(data).hexdigest()), len(data), data)


def sums(files: Sequence[PublishedFile]) -> bytes:
    """The hashes of files as `sha256sum --check` reads them."""
    return "".join(f"{file.digest.hex}  {file.path}\n" for file in files).encode()


def _from_store(
    model: OwnedModel, file: OwnedFile, path: str, record: BlobRecord | None
) -> PublishedFile:
    if record is None:
        raise NotOwned(
            f"{file.name} of {model.name} is not in the store.",
            f"`freehold verify {model.name}` looks, `freehold repair {model.name}` mends.",
        )
    return PublishedFile(
        path,
        file.role,
        file.digest,
        file.size,
        chunk_size=record.chunk_size,
        chunks=record.chunks,
        root=record.root,
    )
