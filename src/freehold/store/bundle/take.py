"""Owning what is in a bundle: copy and hash everything first, own only when all of it is proven.

Blobs that are owned and good are not read again. What a kill leaves in staging is gone on with;
what a refusal leaves is deleted. Nothing is ever written under a name that the bundle chose.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, cast

from freehold.errors import FormatError, HashMismatch, IntegrityError, NotEnoughSpace
from freehold.formats.file_window import FileChain, FileWindow
from freehold.names import Digest
from freehold.progress import Progress, Task
from freehold.store.bundle.contents import BundledModel, ChunkHashes
from freehold.store.bundle.read import Bundle
from freehold.store.durable import storage_errors
from freehold.store.hashing import CHUNK, FileHash, hash_stream
from freehold.store.model import NewModel, OwnedFile, OwnedModel
from freehold.store.staging import Staging
from freehold.store.store import Store

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer

_SHOWN = 5

Locate = Callable[[Digest], Path]
Prepare = Callable[[BundledModel, Locate], NewModel]


@dataclass(frozen=True)
class Taken:
    """What came of a bundle: the models as they are owned now, and how many bytes were copied."""

    models: tuple[OwnedModel, ...]
    copied_bytes: int


def take_models(
    store: Store,
    bundle: Bundle,
    models: Sequence[BundledModel],
    prepare: Prepare,
    progress: Progress,
) -> Taken:
    """Own these models of the bundle, all of them or none.

    `prepare` turns each into what is to be owned, once its bytes are proven and before any is
    owned; it may refuse by raising FormatError. Raises HashMismatch naming the bad chunks,
    NotEnoughSpace before anything is copied, StorageError.
    """
    wanted = {file.digest: file for model in models for file in model.files}
    missing: list[OwnedFile] = []
    with store.staging(bundle.key) as work:
        try:
            # Looked at here, where another process's import of the same bundle has been waited for.
            missing = [file for file in wanted.values() if not _is_here(store, file, progress)]
            begun = sum(_begun(work, file) for file in missing)
            store.require_space(sum(file.size for file in missing) - begun)
            copies = _copy_all(bundle, models, missing, work, progress)

            def locate(digest: Digest) -> Path:
                return copies.get(digest) or store.blob_path(digest)

            prepared = [prepare(model, locate) for model in models]
            for digest, path in copies.items():
                store.add_file(path, digest, progress, move=True)
        except (IntegrityError, FormatError):
            work.discard()
            raise
        except NotEnoughSpace:
            if not any(_begun(work, file) for file in missing):
                work.discard()
            raise
        owned = tuple(store.add_model(model) for model in prepared)
        work.discard()
    return Taken(owned, sum(file.size for file in missing))


def _is_here(store: Store, file: OwnedFile, progress: Progress) -> bool:
    kept = store.keep(file.digest, progress)
    if kept is not None and kept.size != file.size:
        raise FormatError(
            f"The bundle says that {file.digest.short} has {file.size:,} bytes. It has "
            f"{kept.size:,}: it is owned.",
            "The bundle lies, or is damaged. Nothing in it was owned.",
        )
    return kept is not None


def _begun(work: Staging, file: OwnedFile) -> int:
    """Bytes of a file that a killed import has copied already."""
    path = work.path(file.digest.hex)
    with storage_errors(f"look at {path}"):
        return min(path.stat().st_size, file.size) if path.exists() else 0


def _copy_all(
    bundle: Bundle,
    models: Sequence[BundledModel],
    files: Sequence[OwnedFile],
    work: Staging,
    progress: Progress,
) -> dict[Digest, Path]:
    chunks = {digest: known for model in models for digest, known in model.chunks.items()}
    copies: dict[Digest, Path] = {}
    total = sum(file.size for file in files)
    with (
        storage_errors(f"copy from {bundle.name}"),
        progress.task(f"import from {bundle.name}", total) as task,
    ):
        for file in files:
            path = work.path(file.digest.hex)
            _copy_proven(bundle, file, path, chunks.get(file.digest), task)
            copies[file.digest] = path
    return copies


def _copy_proven(
    bundle: Bundle, file: OwnedFile, path: Path, chunks: ChunkHashes | None, task: Task
) -> None:
    """Copy one blob, going on where a killed import stopped. Raises HashMismatch."""
    begun = path.exists()
    proof = _copy(bundle, file, path, task)
    if begun and proof.digest != file.digest:
        # What was there may be what a power cut left of it: only a whole copy proves damage.
        path.unlink()
        task.advance(-proof.size)
        proof = _copy(bundle, file, path, task)
    if proof.digest != file.digest:
        raise HashMismatch(
            f"{file.name!r} in {bundle.name} is damaged{_where(proof, chunks)}: it should hash to "
            f"{file.digest} and hashes to {proof.digest}.",
            "Nothing was owned. Ask for the file again, or copy it again.",
        )


def _copy(bundle: Bundle, file: OwnedFile, path: Path, task: Task) -> FileHash:
    path.touch()
    begun = min(path.stat().st_size, file.size)
    source = bundle.blob(file.digest)
    source.seek(begun)
    with path.open("r+b", buffering=0) as copy, path.open("rb", buffering=0) as before:
        copy.truncate(begun)
        copy.seek(begun)
        chain = FileChain([FileWindow(before, 0, begun), source])
        return hash_stream(cast(BinaryIO, chain), task, cast(BinaryIO, _Beyond(copy, begun)))


class _Beyond(io.RawIOBase):
    """Writes to a file all but the first bytes, which it has already."""

    def __init__(self, file: BinaryIO, begun: int) -> None:
        super().__init__()
        self._file, self._to_skip = file, begun

    def write(self, data: ReadableBuffer, /) -> int:
        """Write `data`, or pass over what the file has."""
        view = memoryview(data).cast("B")
        skipped = min(self._to_skip, len(view))
        if skipped:
            self._to_skip -= skipped
            return skipped
        return self._file.write(view)


def _where(proof: FileHash, known: ChunkHashes | None) -> str:
    """Which chunks differ, when the bundle carries their hashes in the size that we hash by."""
    if known is None or known.chunk_size != CHUNK or len(known.hashes) != len(proof.chunks):
        return ""
    bad = [
        index
        for index in range(len(known.hashes) // 32)
        if known.hashes[32 * index : 32 * index + 32] != proof.chunks[32 * index : 32 * index + 32]
    ]
    shown = ", ".join(
        f"{index} (bytes {index * CHUNK:,} to {min((index + 1) * CHUNK, proof.size) - 1:,})"
        for index in bad[:_SHOWN]
    )
    more = f" and {len(bad) - _SHOWN} more" if len(bad) > _SHOWN else ""
    return f", chunk {shown}{more}" if bad else ""
