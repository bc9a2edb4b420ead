"""The bytes of a shared file, opened only if they are the ones that were proven.

By size, time and inode as the store does before it uses a model. What has changed since is hashed
again in the background, while who asks for it is told to come back; what is damaged is not served.
"""

from __future__ import annotations

import asyncio
import os
import time
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from freehold.errors import DamagedModel, FreeholdError, NotOwned, TooBusy
from freehold.names import Digest
from freehold.store.adding import is_good, is_unchanged

if TYPE_CHECKING:
    from collections.abc import Iterable

    from freehold.store.model import BlobRecord, OwnedModel
    from freehold.store.store import Store

_FRESH_SECONDS = 10.0
"""How long a record that was read is believed: another process may find damage meanwhile."""


class ProvingAgain(TooBusy):
    """The bytes changed on the disk and are being hashed."""

    retry_seconds = 5

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} has changed on the disk and is being proven again.")


@dataclass
class _Known:
    store: Store
    model: OwnedModel
    record: BlobRecord | None = None
    read_at: float = field(default=float("-inf"))
    checking: asyncio.Task[None] | None = None


class ProvenFiles:
    """Opens blobs by hash. Only those of the models it was given exist for it."""

    def __init__(self, models: Iterable[tuple[Store, OwnedModel]]) -> None:
        self._known = {
            file.digest: _Known(store, model) for store, model in models for file in model.files
        }

    async def open(self, digest: Digest) -> BinaryIO:
        """The file, for its bytes to be sent.

        Raises NotOwned when it is gone, DamagedModel when it is known to be damaged, ProvingAgain
        when that is not known.
        """
        known = self._known.get(digest)
        if known is None:
            raise NotOwned("Nothing that is shared has that hash.")
        if known.checking is not None and not known.checking.done():
            raise ProvingAgain(known.model.name)
        try:
            return await asyncio.to_thread(self._open, known, digest)
        except _Changed:
            if known.checking is None or known.checking.done():
                known.checking = asyncio.create_task(_check(known))
            raise ProvingAgain(known.model.name) from None

    def _open(self, known: _Known, digest: Digest) -> BinaryIO:
        if known.record is None or time.monotonic() - known.read_at > _FRESH_SECONDS:
            known.record, known.read_at = known.store.by_digest(digest), time.monotonic()
        if known.record is None:
            raise NotOwned(f"{known.model.name} is not owned here any more.")
        if not is_good(known.record):
            raise DamagedModel(
                f"{known.model.name} is damaged here, so it is not passed on.",
                f"Its owner can mend it: freehold repair {known.model.name}",
            )
        try:
            file = known.store.blob_path(digest).open("rb", buffering=0)
        except OSError as error:
            raise NotOwned(f"The file of {known.model.name} is not there any more.") from error
        if not is_unchanged(known.record, os.fstat(file.fileno())):
            file.close()
            raise _Changed
        return file


class _Changed(Exception):
    """The file is not as it was when it was proven, by what the system says of it."""


async def _check(known: _Known) -> None:
    """Hash it, off the loop. What was found is in the store's record, which is read again."""
    try:
        with suppress(FreeholdError):  # the record says so, and the next request is told
            await asyncio.to_thread(known.store.check_ready, known.model)
    finally:
        known.record = None
