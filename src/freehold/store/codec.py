"""Records as text: how a blob's or a model's record is written down and read back.

Each is one JSON object with a seal, the SHA-256 of the rest in canonical form, so that a flipped
bit in a record is noticed and never believed. A blob's chunk hashes are not under the seal: they
prove themselves against the root, and the ledger keeps them in a column of their own.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime
from typing import Any

from freehold.errors import FreeholdError, IntegrityError, StorageError
from freehold.names import Digest
from freehold.store.hashing import root_of
from freehold.store.model import (
    BlobRecord,
    FileState,
    HealthNote,
    Licence,
    Link,
    OwnedFile,
    OwnedModel,
    Parent,
    Sighting,
)

FORMAT = 1

Body = dict[str, Any]


class RecordDamaged(IntegrityError):
    """A record that is not what was written."""


class RecordNewer(StorageError):
    """A record that a later Freehold wrote."""


def write_record(body: Body) -> str:
    """The sealed record as one line of JSON."""
    return _canonical({**body, "seal": _seal(body)})


def write_file(body: Body, **unsealed: object) -> bytes:
    """The sealed record as a file that people can read, with `unsealed` values at its end."""
    return (json.dumps({**body, "seal": _seal(body), **unsealed}, indent=1) + "\n").encode()


def read_record(text: str | bytes) -> Body:
    """The body of a record, with its seal proven. Raises RecordDamaged or RecordNewer."""
    try:
        body = json.loads(text)
        newer = isinstance(body, dict) and int(body.get("format", 0)) > FORMAT
        sealed = isinstance(body, dict) and body.pop("seal", None) == _seal(
            {name: value for name, value in body.items() if name != "chunks"}
        )
    except (ValueError, TypeError, RecursionError) as error:
        raise RecordDamaged(f"It is not a record: {error}.") from error
    if not sealed:
        raise RecordDamaged("Its seal does not match: it was damaged, or changed by hand.")
    if newer:
        raise RecordNewer("It was written by a later Freehold.", "Update Freehold to use it.")
    return dict(body)


def blob_body(record: BlobRecord) -> Body:
    """What is under the seal of a blob's record: all but the chunk hashes."""
    shared = {"link": record.link.value, "elsewhere": record.elsewhere}
    return {
        "format": FORMAT,
        "digest": record.digest.hex,
        "size": record.size,
        "chunk_size": record.chunk_size,
        "root": record.root.hex,
        "proven_at": _time(record.proven_at),
        "mtime_ns": record.mtime_ns,
        "inode": record.inode,
        "health": {
            "state": record.health.state.value,
            "checked_at": _time(record.health.checked_at),
            "bad_chunks": list(record.health.bad_chunks),
        },
        # Left out where there is nothing to say, as in the records of before there was adopting.
        **(shared if record.link is not Link.OWN else {}),
    }


def blob_of(body: Body, chunks: bytes) -> BlobRecord:
    """A blob's record from its body and its chunk hashes. Raises RecordDamaged."""
    try:
        record = BlobRecord(
            digest=Digest(body["digest"]),
            size=body["size"],
            chunk_size=body["chunk_size"],
            chunks=chunks,
            root=Digest(body["root"]),
            proven_at=datetime.fromisoformat(body["proven_at"]),
            mtime_ns=body["mtime_ns"],
            inode=body["inode"],
            health=health_of(body),
            link=Link(body.get("link", Link.OWN)),
            elsewhere=body.get("elsewhere"),
        )
        if root_of(chunks) != record.root or len(chunks) != 32 * record.chunk_count:
            raise RecordDamaged("Its chunk hashes do not match their root.")
    except _BROKEN as error:
        raise RecordDamaged(f"It lacks something: {error!r}.") from error
    return record


def health_of(body: Body) -> HealthNote:
    """The health note in a blob's body. Raises RecordDamaged."""
    try:
        health = body["health"]
        return HealthNote(
            FileState(health["state"]),
            datetime.fromisoformat(health["checked_at"]),
            tuple(health["bad_chunks"]),
        )
    except _BROKEN as error:
        raise RecordDamaged(f"Its health note lacks something: {error!r}.") from error


def model_body(model: OwnedModel) -> Body:
    """Everything the ledger knows of a model, but its health: that belongs to its blobs."""
    return {
        "format": FORMAT,
        "id": model.id,
        "name": model.name,
        "files": [
            {
                "name": file.name,
                "role": str(file.role),
                "digest": file.digest.hex,
                "size": file.size,
            }
            for file in model.files
        ],
        "licence": {
            "spdx": model.licence.spdx,
            "name": model.licence.name,
            "kind": model.licence.kind,
            "text_digest": model.licence.text_digest and model.licence.text_digest.hex,
        },
        "sightings": [
            {"ref": s.ref, "url": s.url, "revision": s.revision, "seen_at": _time(s.seen_at)}
            for s in model.sightings
        ],
        "added_at": _time(model.added_at),
        "facts": dict(model.facts),
        "parents": [
            {"id": p.id, "relation": p.relation, "name": p.name, "detail": p.detail}
            for p in model.parents
        ],
        "tags": list(model.tags),
        "notes": model.notes,
        "pinned": model.pinned,
        "last_used_at": model.last_used_at and _time(model.last_used_at),
        # Left out where there are none, as in the records of before there was signing.
        **({"signatures": list(model.signatures)} if model.signatures else {}),
    }


def model_of(body: Body) -> OwnedModel:
    """A model from its body. Raises RecordDamaged."""
    try:
        licence, used = body["licence"], body["last_used_at"]
        text = licence["text_digest"]
        return OwnedModel(
            id=Digest(body["id"]).hex,
            name=body["name"],
            files=tuple(
                OwnedFile(f["name"], f["role"], Digest(f["digest"]), f["size"])
                for f in body["files"]
            ),
            licence=Licence(
                licence["spdx"], licence["name"], licence["kind"], Digest(text) if text else None
            ),
            sightings=tuple(
                Sighting(s["ref"], s["url"], s["revision"], datetime.fromisoformat(s["seen_at"]))
                for s in body["sightings"]
            ),
            added_at=datetime.fromisoformat(body["added_at"]),
            facts=body["facts"],
            parents=tuple(
                Parent(p["id"], p["relation"], p["name"], p["detail"]) for p in body["parents"]
            ),
            tags=tuple(body["tags"]),
            notes=body["notes"],
            pinned=body["pinned"],
            last_used_at=datetime.fromisoformat(used) if used else None,
            signatures=tuple(body.get("signatures", ())),
        )
    except _BROKEN as error:
        raise RecordDamaged(f"It lacks something: {error!r}.") from error


# What a sealed record of this format cannot raise unless a bug wrote it.
_BROKEN = (KeyError, TypeError, ValueError, AttributeError, FreeholdError)


def _seal(body: Body) -> str:
    return hashlib.sha256(_canonical(body).encode()).hexdigest()


def _canonical(body: Body) -> str:
    return json.dumps(body, sort_keys=True, separators=(",", ":"))


def _time(moment: datetime) -> str:
    return moment.isoformat(timespec="microseconds")
