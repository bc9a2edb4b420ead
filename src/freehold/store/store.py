"""The store: what you own. This is its face; the work is done by the files beside it.

Nothing is written by looking: a home that does not exist is an empty store. Every method is safe
beside other processes and threads that use the same home.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import AbstractContextManager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Self

from freehold.errors import NotOwned, StorageError, UsageError
from freehold.names import Digest, slug
from freehold.progress import SILENT, Progress
from freehold.store import space
from freehold.store.adding import Adder
from freehold.store.adopting import WAYS, Adopter, likely_way
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.collect import (
    DEFAULT_AGE,
    CollectionPlan,
    CollectionReport,
    Collector,
    check_ages,
)
from freehold.store.finding import find_model
from freehold.store.labels import Labels
from freehold.store.layout import Layout
from freehold.store.lineage import Lineage, lineage
from freehold.store.locks import Holds, StoreLock
from freehold.store.mending import Mender
from freehold.store.merging import merged, new_model, unique_name
from freehold.store.model import (
    BlobRecord,
    Link,
    NewModel,
    OwnedFile,
    OwnedModel,
    model_id,
)
from freehold.store.protection import Protection
from freehold.store.removal import RemovalReport, finish_removals, remove_model
from freehold.store.staging import Staging, Unfinished, staging, unfinished
from freehold.store.usage import Usage, measure
from freehold.store.verify import FileReport, Verifier, VerifyReport, damaged_model


class Store(Labels):
    """What you own, under one home folder. Use it in a `with` block, or close it."""

    def __init__(self, home: Path, progress: Progress = SILENT) -> None:
        self._layout = Layout(home)
        self._progress = progress
        self._lock = StoreLock(self._layout)
        self._catalogue = Catalogue(self._layout, self._lock, progress)
        self._blobs = BlobFolder(self._layout, self._referenced)
        self._holds = Holds(self._layout)
        self._adder = Adder(self._layout, self._lock, self._catalogue, self._blobs, self._holds)
        self._adopter = Adopter(
            self._layout,
            self._lock,
            self._catalogue,
            self._blobs,
            self._holds,
            self._adder.keep,
        )
        self._collector = Collector(self._layout, self._catalogue, self._blobs, self._holds)
        self._verifier = Verifier(self._catalogue, self._blobs)
        self.mender = Mender(self._layout, self._lock, self._catalogue, self._blobs)
        self.protection = Protection(self._layout, self._lock, self._catalogue, self._blobs)

    @classmethod
    def open(cls, home: Path, progress: Progress = SILENT) -> Self:
        """Open the store at `home`. Mends the ledger and finishes what a crash cut off."""
        store = cls(home, progress)
        store._catalogue.settle()
        store._finish_removals()
        return store

    def close(self) -> None:
        """Let go of blobs that were added and never made part of a model."""
        if len(self._holds):
            with self._lock:
                self._holds.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def home(self) -> Path:
        """The folder that everything is under."""
        return self._layout.home

    # Room

    def free_bytes(self) -> int:
        """Bytes that can still be written where the store is."""
        return space.free_bytes(self.home)

    def require_space(self, needed: int) -> None:
        """Raise NotEnoughSpace, with the numbers, unless `needed` bytes fit."""
        space.require_space(self.home, needed)

    # Adding

    def staging(self, key: str, *, wait: bool = True) -> AbstractContextManager[Staging]:
        """A folder for the unfinished work of `key`, for one process at a time.

        It is found again by the same key after an exception or a kill. When another process is at
        it: waits, with a note, or raises StoreBusy if `wait` is False.
        """
        return staging(self._layout, self._lock, key, self._progress, wait=wait)

    def unfinished(self) -> list[Unfinished]:
        """Work that was begun and neither owned nor discarded, oldest first."""
        if not self._layout.staging.exists():
            return []
        with self._lock:
            return unfinished(self._layout)

    def add_file(
        self,
        path: Path,
        expected: Digest | None = None,
        progress: Progress | None = None,
        *,
        move: bool,
    ) -> BlobRecord:
        """Prove a file and own its bytes; they are kept for this Store until `add_model`.

        With `move` the file itself becomes the blob; without, it is copied (sharing the bytes
        where the file system can) and left alone. Raises HashMismatch, leaving the file where it
        is; NotEnoughSpace before copying what would not fit; StorageError.
        """
        return self._adder.add(path, expected, progress or self._progress, move=move)

    def adopt_file(
        self,
        path: Path,
        expected: Digest | None = None,
        progress: Progress | None = None,
        *,
        ways: tuple[Link, ...] = WAYS,
        known: Digest | None = None,
    ) -> BlobRecord:
        """Prove a file of another program and own its bytes without copying them.

        It is never changed. `ways` are tried in order, see `adopting`; the record says which one
        it was. Bytes that are owned already, by the hash that is `expected` or that the file is
        `known` to have had, are not read again. Raises HashMismatch, and StorageError when
        none of the ways can be had.
        """
        return self._adopter.adopt(path, expected, progress or self._progress, ways, known)

    def likely_way(self, path: Path) -> Link:
        """How `adopt_file` will probably hold this file. Nothing is tried and nothing written."""
        return likely_way(self._layout, path)

    def adopted(self) -> dict[str, BlobRecord]:
        """The records of blobs that are shared with files of other programs, by those paths."""
        return {
            record.elsewhere: record
            for digest in self._catalogue.blob_digests()
            if (record := self._catalogue.blob(digest)) and record.elsewhere
        }

    def prove(self, path: Path, expected: Digest, progress: Progress | None = None) -> None:
        """Raise HashMismatch unless the file hashes to `expected`. Owns nothing."""
        self._adder.prove(path, expected, progress or self._progress)

    def keep(self, digest: Digest, progress: Progress | None = None) -> BlobRecord | None:
        """If these bytes are already here and good, keep them for `add_model`; else None.

        Bytes that a killed process put in place but did not record are proven and recorded now.
        """
        if self._blobs.stat(digest) is None:
            return None
        return self._adder.keep(digest, progress or self._progress)

    def add_model(self, model: NewModel) -> OwnedModel:
        """Own a model whose files have been added. Owned already, it gains what is new about it.

        Its name is made fit to type and unique: `-2` is added when another model has it. Raises
        StorageError when one of its files is not here.
        """
        if not model.files:
            raise UsageError(f"{model.name} has no files.")
        with self._lock:
            for file in model.files:
                if self._catalogue.blob(file.digest) is None or not self._blobs.stat(file.digest):
                    raise StorageError(
                        f"{file.name} of {model.name} is not in the store.",
                        "Get the model again.",
                    )
            identity = model_id(model.files)
            models = self._catalogue.models()
            owned = next((known for known in models if known.id == identity), None)
            if owned:
                result = merged(owned, model)
            else:
                name = unique_name(slug(model.name), {known.name for known in models})
                result = new_model(model, identity, name)
            self._catalogue.end_removal(identity)
            self._catalogue.put_model(result)
            self._holds.release(*(file.digest for file in model.files))
            return self._fresh(result)

    # Finding

    def models(self) -> list[OwnedModel]:
        """Every owned model, the one added first coming first."""
        return self._catalogue.models()

    def find(self, query: str) -> OwnedModel:
        """The model a word means. Raises NotOwned or AmbiguousName; see `finding`."""
        return find_model(self.models(), query)

    def by_digest(self, digest: Digest) -> BlobRecord | None:
        """The record of a blob: its size, its chunk hashes, how it is."""
        return self._catalogue.blob(digest)

    def record(self, digest: Digest) -> BlobRecord:
        """The record of a blob that is owned. Raises NotOwned when it is not."""
        if found := self.by_digest(digest):
            return found
        raise NotOwned(f"No owned file hashes to {digest}.", "`freehold list` shows what is owned.")

    def has(self, digest: Digest) -> bool:
        """Whether these bytes are recorded and there. They are not read."""
        return self._blobs.stat(digest) is not None and self.by_digest(digest) is not None

    def blob_path(self, digest: Digest) -> Path:
        """Where these bytes are. Only to be read."""
        return self._blobs.path(digest)

    def weights_paths(self, model: OwnedModel) -> tuple[Path, ...]:
        """Where a model's weights are; of a split model all its parts, in order."""
        return tuple(self.blob_path(file.digest) for file in model.parts)

    def lineage(self, model: OwnedModel) -> Lineage:
        """What a model was made from, all the way up, and what was made from it."""
        return lineage(model, self.models())

    def usage(self) -> Usage:
        """What takes how much space, with bytes that models share told apart."""
        staged = sum(work.size for work in self.unfinished())
        return measure(self.models(), list(self._blobs.walk()), staged, self.free_bytes())

    # Checking

    def check_ready(self, model: OwnedModel, progress: Progress | None = None) -> None:
        """Make sure, before use, that the bytes are the proven ones.

        Files that have not changed since they were proven, by size, time and inode, are not read
        again; others are, by chunks, and that is remembered. A file whose record was lost is proven
        by its SHA-256 and gets a new one. Raises DamagedModel naming the bad chunks, also when an
        earlier check found them.
        """
        for file in model.files:
            if self.by_digest(file.digest) is None and self.keep(file.digest, progress):
                with self._lock:
                    self._holds.release(file.digest)
        ready = [self._verifier.is_ready(file) for file in model.files]
        if all(ready):
            return
        if None in ready:
            report = self.verify(model, progress)
        else:
            report = VerifyReport(model, tuple(self._known(file) for file in model.files))
        if not report.ok:
            raise damaged_model(report)

    def verify(self, model: OwnedModel, progress: Progress | None = None) -> VerifyReport:
        """Read every byte of a model. Changes nothing but the note of how it is.

        Raises NotOwned when it is removed meanwhile.
        """
        reports: list[FileReport] = []
        for file in model.files:
            with (progress or self._progress).task(file.name, file.size) as task:
                report, record = self._verifier.check_file(file, task)
            reports.append(report)
            if record is not None:
                self._remember(record)
        found = VerifyReport(model, tuple(reports))
        if not found.ok:
            self._current(model)
        return found

    def verify_all(self, progress: Progress | None = None) -> list[VerifyReport]:
        """Read every byte of every model, and the ledger."""
        self._catalogue.check()
        reports: list[VerifyReport] = []
        for model in self.models():
            with suppress(NotOwned):  # removed by another process while it was being read
                reports.append(self.verify(model, progress))
        return reports

    # Changing

    def remove(self, model: OwnedModel) -> RemovalReport:
        """Stop owning a model. Bytes that other models share stay. Refuses a pinned one."""
        with self._lock:
            current = self._current(model)
            if current.pinned:
                raise UsageError(
                    f"{current.name} is pinned, so that it is not removed by mistake.",
                    f"`freehold edit {current.name} --unpin` first.",
                )
            return remove_model(current, self._catalogue, self._blobs, self._holds)

    def plan_collection(
        self, older_than: timedelta = DEFAULT_AGE, unused_for: timedelta | None = None
    ) -> CollectionPlan:
        """What `collect` would delete: what is left over and older than this, and why.

        With `unused_for` also the models not used for that long, except pinned ones. Deletes
        nothing.
        """
        check_ages(older_than, unused_for)
        if not self.home.exists():
            return CollectionPlan((), older_than, unused_for)
        with self._lock:
            return self._collector.plan(older_than, unused_for)

    def collect(self, plan: CollectionPlan) -> CollectionReport:
        """Delete what a plan says, except what has come into use since.

        Marks and locks of dead processes, which are empty files, are swept away with it.
        """
        if not self.home.exists():
            return CollectionReport((), (), 0)
        with self._lock:
            return self._collector.apply(plan)

    def _referenced(self, digest: Digest) -> Path | None:
        record = self._catalogue.blob(digest)
        is_elsewhere = record is not None and record.link is Link.REFERENCE
        return Path(record.elsewhere) if record and is_elsewhere and record.elsewhere else None

    def _known(self, file: OwnedFile) -> FileReport:
        record = self._catalogue.blob(file.digest)
        if record is None:
            raise StorageError(f"The record of {file.name} vanished.", "Try again.")
        return self._verifier.report_known(file, record)

    def _remember(self, record: BlobRecord) -> None:
        try:
            with self._lock:
                current = self._catalogue.blob(record.digest)
                # Removed or proven anew meanwhile: then this was found of a file that is gone.
                if current is not None and current.proven_at == record.proven_at:
                    self._catalogue.put_blob(record)
        except StorageError as error:
            self._progress.note(f"What was found was not noted: {error.message}")

    def _finish_removals(self) -> None:
        if not self._catalogue.removals():
            return
        names: Iterable[str]
        with self._lock:
            names = finish_removals(self._catalogue, self._blobs, self._holds)
        for name in names:
            self._progress.note(f"The removal of {name}, which was cut off, was finished.")
