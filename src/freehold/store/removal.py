"""Giving up a model: its record goes first, by one rename, then the bytes nobody else uses.

Killed before the rename, the model is still owned; killed after it, whoever opens the store next
finishes. Blobs that another model uses, or that a living process is just adding, stay.
"""

from __future__ import annotations

from dataclasses import dataclass

from freehold.names import Digest
from freehold.store.adopting import shares_space
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.locks import Holds
from freehold.store.model import OwnedModel


@dataclass(frozen=True)
class RemovalReport:
    """What a removal did. `kept` are blobs that others still need."""

    model: OwnedModel
    freed_bytes: int
    removed: tuple[Digest, ...]
    kept: tuple[Digest, ...]


def remove_model(
    model: OwnedModel, catalogue: Catalogue, blobs: BlobFolder, holds: Holds
) -> RemovalReport:
    """Stop owning a model and free what it alone used. Under the store's lock."""
    catalogue.begin_removal(model.id)
    return _finish(model, catalogue, blobs, holds)


def finish_removals(catalogue: Catalogue, blobs: BlobFolder, holds: Holds) -> list[str]:
    """Finish what killed processes began. Under the store's lock. Gives the models' names."""
    finished: list[str] = []
    for model_id in catalogue.removals():
        catalogue.resume_removal(model_id)
        model = catalogue.removal(model_id)
        if model is None:  # its record is damaged: its blobs are left for gc to name
            catalogue.end_removal(model_id)
            continue
        _finish(model, catalogue, blobs, holds)
        finished.append(model.name)
    return finished


def _finish(
    model: OwnedModel, catalogue: Catalogue, blobs: BlobFolder, holds: Holds
) -> RemovalReport:
    # A model whose record can't be read may be using any blob: then all of them stay, for gc.
    sure = catalogue.is_complete()
    used = catalogue.used_digests()
    removed: list[Digest] = []
    kept: list[Digest] = []
    freed = 0
    for digest in dict.fromkeys(file.digest for file in model.files):
        if not sure or digest in used or holds.is_held(digest):
            kept.append(digest)
            continue
        record = catalogue.blob(digest)
        space = blobs.remove(digest)
        freed += 0 if record and shares_space(record) else space
        freed += catalogue.drop_blob(digest)
        removed.append(digest)
    catalogue.end_removal(model.id)
    return RemovalReport(model, freed, tuple(removed), tuple(kept))
