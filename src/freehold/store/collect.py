"""Collecting what is left over: first a plan that says what and why, then just that.

Left over are: bytes that no model is made of, records of bytes that are gone, unfinished work that
nobody has touched for a while, temporary files, damaged ledgers set aside; and, when asked, models
not used for a while, but never a pinned one. What another process is just adding stays.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

from freehold.errors import UsageError
from freehold.names import Digest
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.durable import TEMPORARY, delete, storage_errors
from freehold.store.layout import Layout
from freehold.store.locks import Holds
from freehold.store.model import OwnedModel, now
from freehold.store.removal import remove_model
from freehold.store.staging import abandoned_locks, remove_unfinished, unfinished

_NOT_SURE = (
    "A model's record cannot be read, so it is not known which bytes it uses: all bytes stay."
)
DEFAULT_AGE = timedelta(days=7)


class Kind(StrEnum):
    """What is left over."""

    BYTES = "bytes that no model uses"
    RECORD = "a record of bytes that are gone"
    WORK = "unfinished work"
    TEMPORARY = "a temporary file"
    LEDGER = "a damaged ledger set aside"
    MODEL = "a model not used for long"


@dataclass(frozen=True)
class Leftover:
    """One thing to collect. `size` is in bytes; `name` is what its owner may know it by."""

    kind: Kind
    path: Path
    size: int
    since: datetime
    name: str


@dataclass(frozen=True)
class CollectionPlan:
    """What would be collected, under which rules, and what the owner should know."""

    items: tuple[Leftover, ...]
    older_than: timedelta
    unused_for: timedelta | None
    remarks: tuple[str, ...] = ()

    @property
    def size(self) -> int:
        """Bytes of all of it. A model's shared bytes are counted though they would stay."""
        return sum(item.size for item in self.items)


@dataclass(frozen=True)
class CollectionReport:
    """What was collected, and what of the plan was in use again and stayed."""

    collected: tuple[Leftover, ...]
    stayed: tuple[Leftover, ...]
    freed_bytes: int


class Collector:
    """Plans and applies. Every method is called under the store's lock."""

    def __init__(
        self, layout: Layout, catalogue: Catalogue, blobs: BlobFolder, holds: Holds
    ) -> None:
        self._layout = layout
        self._catalogue = catalogue
        self._blobs = blobs
        self._holds = holds

    def plan(self, older_than: timedelta, unused_for: timedelta | None) -> CollectionPlan:
        """Say what there is. Changes nothing."""
        moment = now()
        remarks: tuple[str, ...] = ()
        items = [*self._work(), *self._temporaries(), *self._ledgers()]
        if self._catalogue.is_complete():
            items += [*self._bytes(), *self._records()]
        else:
            remarks = (_NOT_SURE,)
        old = [item for item in items if moment - item.since >= older_than]
        if unused_for is not None:
            old += [item for item in self._models() if moment - item.since >= unused_for]
        return CollectionPlan(tuple(old), older_than, unused_for, remarks)

    def apply(self, plan: CollectionPlan) -> CollectionReport:
        """Collect what the plan says and is still left over."""
        still = {item.path for item in self.plan(plan.older_than, plan.unused_for).items}
        collected: list[Leftover] = []
        stayed: list[Leftover] = []
        freed = 0
        for item in plan.items:
            got = self._collect(item) if item.path in still else None
            if got is None:
                stayed.append(item)
                continue
            collected.append(item)
            freed += got
        self._holds.clear_dead()
        for lock in abandoned_locks(self._layout):
            delete(lock)
        return CollectionReport(tuple(collected), tuple(stayed), freed)

    def _collect(self, item: Leftover) -> int | None:
        """Bytes freed; None when it is in use."""
        match item.kind:
            case Kind.BYTES | Kind.RECORD:
                digest = Digest(item.path.name.partition(".")[0])
                return self._blobs.remove(digest) + self._catalogue.drop_blob(digest)
            case Kind.WORK:
                return item.size if remove_unfinished(item.path) else None
            case Kind.MODEL:
                model = self._catalogue.model(item.path.name.partition(".")[0])
                if model is None:
                    return None
                report = remove_model(model, self._catalogue, self._blobs, self._holds)
                return report.freed_bytes
            case Kind.TEMPORARY | Kind.LEDGER:
                with storage_errors(f"delete {item.path}"):
                    return item.size if delete(item.path) else None

    def _bytes(self) -> Iterator[Leftover]:
        used = self._catalogue.used_digests()
        for path, size in self._blobs.walk():
            digest = _digest(path.name)
            if digest is None or digest in used or self._holds.is_held(digest):
                continue
            record = self._catalogue.blob(digest)
            since = record.proven_at if record else _touched(path)
            yield Leftover(Kind.BYTES, path, size, since, str(digest))

    def _records(self) -> Iterator[Leftover]:
        used = self._catalogue.used_digests()
        for digest in self._catalogue.blob_digests() - used:
            # An unused reference goes too: the file it points to is another program's and stays.
            if not self._layout.blob(digest).exists():
                path = self._layout.records / f"{digest.hex}.blob.json"
                yield Leftover(Kind.RECORD, path, _size(path), _touched(path), str(digest))

    def _work(self) -> Iterator[Leftover]:
        for work in unfinished(self._layout):
            if not work.busy:
                yield Leftover(Kind.WORK, work.folder, work.size, work.touched_at, work.key)

    def _temporaries(self) -> Iterator[Leftover]:
        """Records are written under the lock, which we hold: these were left by kills."""
        for path in self._layout.records.glob(f"*{TEMPORARY}"):
            yield Leftover(Kind.TEMPORARY, path, _size(path), _touched(path), path.name)

    def _ledgers(self) -> Iterator[Leftover]:
        for path in self._layout.home.glob("ledger.damaged-*"):
            yield Leftover(Kind.LEDGER, path, _size(path), _touched(path), path.name)

    def _models(self) -> Iterator[Leftover]:
        for model in self._catalogue.models():
            if not model.pinned:
                path = self._layout.records / f"{model.id}.model.json"
                yield Leftover(Kind.MODEL, path, model.size, _last_use(model), model.name)


def check_ages(older_than: timedelta, unused_for: timedelta | None) -> None:
    """Raise UsageError when an age is negative."""
    if older_than < timedelta(0) or (unused_for is not None and unused_for < timedelta(0)):
        raise UsageError("An age in days cannot be less than none.", "Say 0 for everything.")


def _last_use(model: OwnedModel) -> datetime:
    return model.last_used_at or model.added_at


def _digest(name: str) -> Digest | None:
    try:
        return Digest(name)
    except UsageError:  # not ours: whoever put it there may want it
        return None


def _touched(path: Path) -> datetime:
    return datetime.fromtimestamp(path.stat().st_mtime, UTC)


def _size(path: Path) -> int:
    return path.stat().st_size
