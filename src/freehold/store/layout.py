"""Where things are under the store's home. Names only: nothing here touches the disk."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from freehold.names import Digest

LEDGER_NAME = "ledger.sqlite3"


@dataclass(frozen=True)
class Layout:
    """The paths of one store."""

    home: Path

    @property
    def blobs(self) -> Path:
        """The bytes, each file named by its SHA-256 in a folder of its first two digits."""
        return self.home / "blobs"

    @property
    def records(self) -> Path:
        """The side records: one small JSON file for each blob and each model."""
        return self.home / "records"

    @property
    def staging(self) -> Path:
        """Unfinished work, one folder a key."""
        return self.home / "staging"

    @property
    def ledger(self) -> Path:
        """The index of the records."""
        return self.home / LEDGER_NAME

    @property
    def lock(self) -> Path:
        """The lock held for the moment of a change."""
        return self.home / "store.lock"

    def blob(self, digest: Digest) -> Path:
        """Where the bytes of `digest` are, owned or not."""
        return self.blobs / digest.hex[:2] / digest.hex

    def parity(self, digest: Digest) -> Path:
        """Where the parity file of `digest` is, if it has one."""
        return self.home / "parity" / f"{digest.hex}.parity"
