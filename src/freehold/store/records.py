"""The side records: small JSON files beside the blobs, from which the ledger can be rebuilt.

It reads and writes files. Which of them are in the ledger is the catalogue's business.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from freehold.errors import FreeholdError
from freehold.names import Digest
from freehold.store.codec import (
    RecordDamaged,
    blob_body,
    blob_of,
    model_body,
    model_of,
    read_record,
    write_file,
)
from freehold.store.durable import delete, storage_errors, sync_folder, write_durably
from freehold.store.model import BlobRecord, OwnedModel

BLOB = ".blob.json"
MODEL = ".model.json"
REMOVED = ".model.removed.json"


class Stamp(NamedTuple):
    """What a record file looked like when it was last read: enough to see that it changed."""

    changed_ns: int
    length: int


def blob_name(digest: Digest) -> str:
    """The file name of a blob's record."""
    return digest.hex + BLOB


def model_name(model_id: str) -> str:
    """The file name of a model's record."""
    return model_id + MODEL


class RecordFolder:
    """The folder of side records."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def stamps(self) -> dict[str, Stamp]:
        """Every record by file name. Empty where there is no folder yet."""
        found: dict[str, Stamp] = {}
        with storage_errors("list the store's records"):
            for entry in self._scan():
                if entry.name.endswith((BLOB, MODEL)):
                    stat = entry.stat()
                    found[entry.name] = Stamp(stat.st_mtime_ns, stat.st_size)
        return found

    def removals(self) -> list[str]:
        """The ids of models whose removal was begun and not finished."""
        with storage_errors("list the store's records"):
            names = [entry.name for entry in self._scan() if entry.name.endswith(REMOVED)]
        return sorted(name.removesuffix(REMOVED) for name in names)

    def _scan(self) -> Iterator[os.DirEntry[str]]:
        try:
            with os.scandir(self._folder) as entries:
                yield from entries
        except FileNotFoundError:
            return

    def blob(self, digest: Digest) -> BlobRecord | None:
        """The record of a blob; None when there is none. Raises RecordDamaged or RecordNewer."""
        data = self._read(blob_name(digest))
        if data is None:
            return None
        body = read_record(data)
        try:
            chunks = b"".join(bytes.fromhex(chunk) for chunk in body.pop("chunks"))
        except (KeyError, TypeError, ValueError) as error:
            raise RecordDamaged("Its chunk hashes cannot be read.") from error
        record = blob_of(body, chunks)
        if record.digest != digest:
            raise RecordDamaged("It is the record of another blob.")
        return record

    def model(self, model_id: str, suffix: str = MODEL) -> OwnedModel | None:
        """The record of a model; None when there is none. Raises RecordDamaged or RecordNewer."""
        data = self._read(model_id + suffix)
        if data is None:
            return None
        model = model_of(read_record(data))
        if model.id != model_id:
            raise RecordDamaged("It is the record of another model.")
        return model

    def removal(self, model_id: str) -> OwnedModel | None:
        """The record of a model whose removal was begun."""
        return self.model(model_id, REMOVED)

    def put_blob(self, record: BlobRecord) -> Stamp:
        """Write a blob's record."""
        hashes = [record.chunk_hash(index).hex() for index in range(record.chunk_count)]
        return self._write(blob_name(record.digest), write_file(blob_body(record), chunks=hashes))

    def put_model(self, model: OwnedModel) -> Stamp:
        """Write a model's record."""
        return self._write(model_name(model.id), write_file(model_body(model)))

    def begin_removal(self, model_id: str) -> None:
        """Mark the model as removed: one rename, after which it is no longer owned."""
        with storage_errors(f"remove the record of {model_id[:12]}"):
            source = self._folder / model_name(model_id)
            source.replace(self._folder / (model_id + REMOVED))
            sync_folder(self._folder)

    def end_removal(self, model_id: str) -> None:
        """Forget the mark: nothing of the removal is left to do."""
        self.drop(model_id + REMOVED)

    def drop(self, name: str) -> None:
        """Delete a record by file name; it need not be there."""
        with storage_errors(f"delete the record {name}"):
            delete(self._folder / name)

    def readable(self) -> tuple[list[OwnedModel], list[BlobRecord]]:
        """All that can be read, the rest passed over: for a store that can only be read."""
        models: list[OwnedModel] = []
        blobs: list[BlobRecord] = []
        for name in self.stamps():
            try:
                if name.endswith(MODEL):
                    found = self.model(name.removesuffix(MODEL))
                    models += [found] if found else []
                else:
                    blob = self.blob(Digest(name.removesuffix(BLOB)))
                    blobs += [blob] if blob else []
            except FreeholdError:  # the catalogue names it to the owner when it can mend it
                continue
        return models, blobs

    def _read(self, name: str) -> bytes | None:
        try:
            with storage_errors(f"read the record {name}"):
                return (self._folder / name).read_bytes()
        except FreeholdError as error:
            if isinstance(error.__cause__, FileNotFoundError):
                return None
            raise

    def _write(self, name: str, data: bytes) -> Stamp:
        path = self._folder / name
        with storage_errors(f"write the record {name}"):
            write_durably(path, data)
            stat = path.stat()
        return Stamp(stat.st_mtime_ns, stat.st_size)
