"""Keep parity beside an owned model, so that a few bad chunks can be made good with no source."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.errors import DamagedModel, UsageError
from freehold.names import Digest
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.store.model import OwnedFile, OwnedModel
    from freehold.store.store import Store

USUAL_PERCENT = 5.0


@dataclass(frozen=True)
class ProtectedFile:
    """The parity of one file. Sizes in bytes."""

    name: str
    digest: Digest
    size: int
    """Of the parity file."""
    chunk_size: int
    surely: int
    """Any so many bad chunks can be mended."""
    at_most: int
    """So many, when they are spread evenly or follow each other."""
    was_there: bool
    """Whether just this parity was there already, and good."""


def parse_percent(text: str) -> float:
    """Percent from `5%` or `5`. Raises UsageError."""
    try:
        return float(text.strip().removesuffix("%"))
    except ValueError as error:
        raise UsageError(f"{text!r} is not a percentage.", "Write it like 5%.") from error


def protect(
    store: Store,
    model: OwnedModel,
    percent: float = USUAL_PERCENT,
    progress: Progress = SILENT,
) -> tuple[ProtectedFile, ...]:
    """Make parity for every file of a model; parity that is there and good is left as it is.

    Raises DamagedModel when the model is damaged: parity of bad bytes would keep them bad. Raises
    UsageError for a senseless percentage, NotEnoughSpace before anything is written, StorageError.
    """
    store.check_ready(model, progress)
    files = {file.digest: file for file in model.files if file.size}.values()
    if not files:
        raise UsageError(f"{model.name} has no bytes to protect.")
    try:
        return tuple(_protect_file(store, file, percent, progress) for file in files)
    except DamagedModel:
        store.verify(model, progress)  # so that it is known and never run without saying so
        raise


def unprotect(store: Store, model: OwnedModel) -> int:
    """Give up the parity of all files of a model. Bytes that freed."""
    return sum(store.protection.remove(digest) for digest in {file.digest for file in model.files})


def _protect_file(
    store: Store, file: OwnedFile, percent: float, progress: Progress
) -> ProtectedFile:
    parity, was_there = store.protection.protect(file, percent, progress)
    layout = parity.layout
    return ProtectedFile(
        name=file.name,
        digest=file.digest,
        size=layout.file_size,
        chunk_size=layout.chunk_size,
        surely=min(layout.rows, layout.chunk_count),
        at_most=min(layout.cell_count, layout.chunk_count),
        was_there=was_there,
    )
