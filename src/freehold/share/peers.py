"""What another Freehold is told of the shared models: one document, and lists of chunk hashes.

It says what the bundle's rules let go: no paths, no names of other peers, no times of use.
"""

from __future__ import annotations

from typing import Any

from freehold.formats.strict_json import canonical
from freehold.share.published import PublishedFile, PublishedModel
from freehold.share.shelf import Shelf

FORMAT = 1


def listing(shelf: Shelf) -> dict[str, Any]:
    """Every shared model with its files, their hashes, licence, lineage and where it was seen."""
    return {"format": FORMAT, "models": [_model(model) for model in shelf.models]}


def listing_bytes(shelf: Shelf) -> bytes:
    """The same as it is sent, byte for byte: its hash is signed."""
    return canonical(listing(shelf))


def _model(model: PublishedModel) -> dict[str, Any]:
    story = model.story
    return {
        "name": model.name,
        "id": f"sha256:{model.id}",
        "size": model.size,
        "licence": {
            "spdx": story.licence.spdx,
            "name": story.licence.name,
            "kind": story.licence.kind,
        },
        "facts": dict(story.facts),
        "files": [_file(file) for file in model.owned],
        "documents": [_file(file) for file in model.files if file.data is not None],
        "sightings": [
            {
                "ref": seen.ref,
                "url": seen.url,
                "revision": seen.revision,
                "seen_at": seen.seen_at.isoformat(timespec="microseconds"),
            }
            for seen in story.sightings
        ],
        "parents": [
            {
                "id": parent.id,
                "relation": parent.relation,
                "name": parent.name,
                "detail": parent.detail,
            }
            for parent in story.parents
        ],
    }


def _file(file: PublishedFile) -> dict[str, Any]:
    told: dict[str, Any] = {
        "path": file.path,
        "role": str(file.role),
        "digest": str(file.digest),
        "size": file.size,
    }
    if file.root is not None:
        told |= {"chunk_size": file.chunk_size, "root": str(file.root)}
    return told
