"""Parity beside what is owned: made, looked at, given up. One parity file for each blob.

It is made in staging and moved into place under the store's lock, and it goes when its blob goes:
a killed process leaves no parity of bytes that nobody owns.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.errors import FormatError, IntegrityError, NotOwned
from freehold.names import Digest
from freehold.progress import Progress
from freehold.store.blobs import BlobFolder
from freehold.store.catalogue import Catalogue
from freehold.store.durable import delete, storage_errors, sync_folder
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.model import OwnedFile, OwnedModel
from freehold.store.parity import check_parity, lay_out, make_parity
from freehold.store.parity_file import ParityFile, StripeLayout, read_parity
from freehold.store.staging import staging


@dataclass(frozen=True)
class ParityReport:
    """How the parity of one file is."""

    name: str
    digest: Digest
    size: int
    """Bytes of the parity file."""
    chunks: int
    """Parity chunks in it; 0 when it cannot be read at all."""
    bad_chunks: tuple[int, ...] = ()
    detail: str = ""
    """What is wrong with it, in words; empty when nothing is."""

    @property
    def ok(self) -> bool:
        """Whether it is as it was made."""
        return not self.detail


class Protection:
    """The parity files of a store."""

    def __init__(
        self, layout: Layout, lock: StoreLock, catalogue: Catalogue, blobs: BlobFolder
    ) -> None:
        self._layout = layout
        self._lock = lock
        self._catalogue = catalogue
        self._blobs = blobs

    def parity(self, digest: Digest) -> ParityFile | None:
        """The parity of a blob; None where it has none.

        Raises FormatError or IntegrityError for a parity file that cannot be used.
        """
        path = self._layout.parity(digest)
        with storage_errors(f"look at {path}"):
            if not path.exists():
                return None
        found = read_parity(path)
        if found.digest != digest:
            raise IntegrityError(
                f"{path} is the parity of {found.digest.short}, not of {digest.short}.",
                "Make it again (freehold protect).",
            )
        return found

    def protect(
        self, file: OwnedFile, percent: float, progress: Progress
    ) -> tuple[ParityFile, bool]:
        """Make parity for a file, in place of what it had; and whether just that was there already.

        Raises DamagedModel, and writes nothing, when the file is damaged; UsageError, StorageError,
        NotEnoughSpace; NotOwned when it is not, or no longer, owned.
        """
        digest = file.digest
        record = self._catalogue.blob(digest)
        if record is None:
            raise _not_owned(file)
        layout = lay_out(record.size, record.chunk_size, percent)
        key = f"protect {digest}"
        with staging(self._layout, self._lock, key, progress, wait=True) as work:
            try:
                if there := self._good(file, layout, progress):
                    return there, True
                made = work.path("parity")
                make_parity(self._blobs.path(digest), record, percent, made, progress)
                target = self._keep(file, made)
            finally:
                work.discard()  # half of it is worth nothing
        return read_parity(target), False

    def _good(self, file: OwnedFile, layout: StripeLayout, progress: Progress) -> ParityFile | None:
        """The parity that a file has, if it is of that layout and all of it is good."""
        report = self.check_file(file, progress)
        found = self.parity(file.digest) if report is not None and report.ok else None
        return found if found is not None and found.layout == layout else None

    def _keep(self, file: OwnedFile, made: Path) -> Path:
        with self._lock, storage_errors(f"keep the parity of {file.name}"):
            if file.digest not in self._catalogue.used_digests():
                raise _not_owned(file)
            target = self._layout.parity(file.digest)
            target.parent.mkdir(exist_ok=True)
            made.replace(target)
            sync_folder(target.parent)
        return target

    def remove(self, digest: Digest) -> int:
        """Give up the parity of a blob. Bytes that freed: 0 where there was none."""
        path = self._layout.parity(digest)
        with self._lock, storage_errors(f"delete {path}"):
            size = path.stat().st_size if path.exists() else 0
            delete(path)
        return size

    def check(self, model: OwnedModel, progress: Progress) -> tuple[ParityReport, ...]:
        """Read all the parity that a model has. Changes nothing."""
        files = {file.digest: file for file in model.files}.values()
        found = (self.check_file(file, progress) for file in files)
        return tuple(report for report in found if report is not None)

    def check_file(self, file: OwnedFile, progress: Progress) -> ParityReport | None:
        """Read all the parity of one file; None where it has none."""
        path = self._layout.parity(file.digest)
        try:
            parity = self.parity(file.digest)
        except (FormatError, IntegrityError) as error:
            return ParityReport(file.name, file.digest, path.stat().st_size, 0, (), error.message)
        if parity is None:
            return None
        bad = check_parity(parity, progress)
        total = parity.layout.cell_count
        detail = "One of its two headers is damaged." if parity.damaged_header else ""
        if bad:
            detail = f"{len(bad)} of its {total} chunks are damaged."
        return ParityReport(file.name, file.digest, path.stat().st_size, total, bad, detail)


def _not_owned(file: OwnedFile) -> NotOwned:
    return NotOwned(f"{file.name} is not owned, or no longer.", "`freehold list` shows what is.")
