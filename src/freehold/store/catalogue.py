"""The catalogue keeps the side records and the ledger in step, and mends the ledger from them.

The records are the truth and the ledger is their index. A change writes the record first and the
row after it; `settle` compares the names and times of the records with the ledger, which takes
under a millisecond, and reads again only what differs: a crash between the two, a record restored
from a backup. A row whose record is gone or damaged gives the record back. A damaged ledger is set
aside, never deleted, and made anew. Changes are made under the store's lock, by whoever calls.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TypeVar

from freehold.errors import DamagedLedger, UsageError
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.codec import RecordDamaged, RecordNewer
from freehold.store.durable import delete, storage_errors
from freehold.store.layout import Layout
from freehold.store.ledger import Ledger
from freehold.store.model import BlobRecord, FileState, HealthNote, OwnedModel
from freehold.store.records import BLOB, MODEL, RecordFolder, Stamp, model_name

_T = TypeVar("_T")

# From harmless to worst: a model is as well as the worst of its files.
_SEVERITY = list(FileState)


class Catalogue:
    """What is owned, as records and as a ledger of them."""

    def __init__(
        self, layout: Layout, lock: AbstractContextManager[None], progress: Progress
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._progress = progress
        self._records = RecordFolder(layout.records)
        self._ledger = Ledger(layout.ledger)
        self._records_only = False

    def models(self) -> list[OwnedModel]:
        """Every owned model with its health, the one added first coming first."""
        if self._records_only:
            models, blobs = self._records.readable()
            health = {blob.digest: blob.health for blob in blobs}
        else:
            self._make_sure_of_ledger()
            models = self._sound(self._ledger.models)
            health = self._sound(self._ledger.health)
        whole = (replace(model, health=_worst(model, health)) for model in models)
        return sorted(whole, key=lambda model: (model.added_at, model.id))

    def model(self, model_id: str) -> OwnedModel | None:
        """One owned model by its whole id."""
        return next((model for model in self.models() if model.id == model_id), None)

    def blob(self, digest: Digest) -> BlobRecord | None:
        """A blob's record: from its file, or from the ledger when the file is damaged or gone."""
        try:
            found = self._records.blob(digest)
        except RecordDamaged:
            found = None
        if found is None and not self._records_only:
            found = self._sound(lambda: self._ledger.blob(digest))
        return found

    def blob_digests(self) -> set[Digest]:
        """Every blob that has a record, readable or not."""
        names = self._records.stamps()
        return {Digest(name.removesuffix(BLOB)) for name in names if name.endswith(BLOB)}

    def used_digests(self) -> set[Digest]:
        """Every blob that some owned model is made of."""
        return {file.digest for model in self.models() for file in model.files}

    def is_complete(self) -> bool:
        """Whether every model's record could be read. If not, no blob is surely unused."""
        names = {name for name in self._records.stamps() if name.endswith(MODEL)}
        return names <= {model_name(model.id) for model in self.models()}

    def put_blob(self, record: BlobRecord) -> None:
        """Record a blob. Under the store's lock."""
        self._make_sure_of_ledger()
        stamp = self._records.put_blob(record)
        self._sound(lambda: self._ledger.put_blob(record, stamp))

    def put_model(self, model: OwnedModel) -> None:
        """Record a model, new or changed. Under the store's lock."""
        self._make_sure_of_ledger()
        stamp = self._records.put_model(model)
        self._sound(lambda: self._ledger.put_model(model, stamp))

    def begin_removal(self, model_id: str) -> None:
        """Stop owning a model; its blobs stay until `end_removal`. Under the store's lock.

        The rename of its record is the moment of removal: from then on every process that opens
        the store finishes the work.
        """
        self._records.begin_removal(model_id)
        self._sound(lambda: self._ledger.drop_model(model_id))

    def end_removal(self, model_id: str) -> None:
        """Nothing is left to do for it, or it is owned again. Under the store's lock."""
        self._records.end_removal(model_id)

    def removals(self) -> list[str]:
        """The ids of models whose removal was begun and not finished."""
        return self._records.removals()

    def resume_removal(self, model_id: str) -> None:
        """Take the row out, if the removal was cut off before it was. Under the store's lock."""
        self._sound(lambda: self._ledger.drop_model(model_id))

    def removal(self, model_id: str) -> OwnedModel | None:
        """The model whose removal was begun, as far as its record can be read."""
        try:
            return self._records.removal(model_id)
        except RecordDamaged:
            return None

    def drop_blob(self, digest: Digest) -> int:
        """Forget a blob, its parity first. Bytes that the parity took. Under the store's lock."""
        parity = self._layout.parity(digest)
        with storage_errors(f"delete {parity}"):
            size = parity.stat().st_size if parity.exists() else 0
            delete(parity)
        self._records.drop(digest.hex + BLOB)
        self._sound(lambda: self._ledger.drop_blob(digest))
        return size

    def check(self) -> None:
        """Read the whole ledger, and rebuild it when it is damaged."""
        if not self._records_only:
            self._sound(self._ledger.check)

    def settle(self) -> None:
        """Make the ledger agree with the records. Does nothing when it does."""
        if self._records_only or not self._differs():
            return
        if not os.access(self._layout.home, os.W_OK):
            self._records_only = True
            self._progress.note(
                f"{self._layout.home} cannot be written, and its ledger is not up to date: "
                "what is owned is read from the records, and nothing can be changed."
            )
            return
        with self._lock:
            self._settle_locked()

    def _make_sure_of_ledger(self) -> None:
        """A ledger that vanished while the store was open is not an empty one."""
        if not self._layout.ledger.exists():
            self.settle()

    def _differs(self) -> bool:
        stamps = self._records.stamps()
        try:
            return stamps != self._ledger.stamps()
        except DamagedLedger:
            return True

    def _settle_locked(self) -> None:
        stamps = self._records.stamps()
        known = self._sound(self._ledger.stamps)
        removed = {model_name(model_id) for model_id in self.removals()}
        changed = [name for name, stamp in stamps.items() if known.get(name) != stamp]
        gone = [name for name in known if name not in stamps and name not in removed]
        models: list[tuple[OwnedModel, Stamp]] = []
        blobs: list[tuple[BlobRecord, Stamp]] = []
        for name in changed + gone:
            try:
                found = self._read(name)
            except RecordNewer as error:  # not ours to write over
                self._progress.note(f"The record {name} was passed over. {error.message}")
                continue
            stamp = stamps.get(name)
            if found is None:
                found, stamp = self._give_back(name)
            if found is None or stamp is None:
                continue
            if isinstance(found, OwnedModel):
                models.append((found, stamp))
            else:
                blobs.append((found, stamp))
        if models or blobs:
            self._sound(lambda: self._ledger.put_all(models, blobs))

    def _read(self, name: str) -> OwnedModel | BlobRecord | None:
        """What a record file says; None when it is gone or damaged."""
        try:
            if name.endswith(MODEL):
                return self._records.model(name.removesuffix(MODEL))
            return self._records.blob(Digest(name.removesuffix(BLOB)))
        except (RecordDamaged, UsageError) as error:
            self._progress.note(f"The record {name} is damaged. {error.message}")
            return None

    def _give_back(self, name: str) -> tuple[OwnedModel | BlobRecord | None, Stamp | None]:
        """Write a lost or damaged record again from the ledger, where the ledger has it."""
        try:
            given = self._write_again(name)
        except (DamagedLedger, UsageError) as error:
            self._progress.note(f"The record {name} could not be given back. {error.message}")
            return None, None
        if given[0] is not None:
            self._progress.note(f"The record {name} was written again from the ledger.")
        return given

    def _write_again(self, name: str) -> tuple[OwnedModel | BlobRecord | None, Stamp | None]:
        if name.endswith(MODEL):
            model = self._ledger.model(name.removesuffix(MODEL))
            return model, self._records.put_model(model) if model else None
        blob = self._ledger.blob(Digest(name.removesuffix(BLOB)))
        return blob, self._records.put_blob(blob) if blob else None

    def _sound(self, use: Callable[[], _T]) -> _T:
        """Use the ledger; when it is damaged, rebuild it once and use the new one."""
        try:
            return use()
        except DamagedLedger as damage:
            with self._lock:
                self._rebuild(damage)
            return use()

    def _rebuild(self, damage: DamagedLedger) -> None:
        try:
            self._ledger.check()
        except DamagedLedger:
            aside = self._ledger.set_aside()
            self._progress.note(
                f"{damage.message} It was set aside as {aside.name} and rebuilt from the records: "
                "nothing that you own is lost."
            )
            self._settle_locked()


def _worst(model: OwnedModel, health: dict[Digest, HealthNote]) -> FileState:
    states: Iterable[FileState] = (
        health[file.digest].state if file.digest in health else FileState.MISSING
        for file in model.files
    )
    return max(states, key=_SEVERITY.index, default=FileState.OK)
