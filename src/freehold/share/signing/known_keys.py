"""The keys that the owner knows, each with the name that the owner gave it, and since when.

Names in a signature are claims of whoever signed; the names kept here are what is believed.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold.errors import UsageError
from freehold.share.signing.key import PublicKey, check_key_name, read_code
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.rows_file import RowsFile

_FILE = "known-keys.json"


@dataclass(frozen=True)
class KnownKey:
    """A key and whose it is, as the owner says."""

    key: PublicKey
    name: str
    since: datetime
    """UTC."""


class KnownKeys:
    """The known keys of one home. Read once; ask for a new one to see what others changed."""

    def __init__(self, home: Path) -> None:
        """Raises StorageError when the file is there and makes no sense."""
        hint = "Mend that file, or move it away and trust your friends' keys again."
        self._file = RowsFile(home / _FILE, "keys", "known keys", hint)
        self._lock = StoreLock(Layout(home))
        self._keys = self._read()

    def all(self) -> tuple[KnownKey, ...]:
        """By name."""
        return tuple(sorted(self._keys.values(), key=lambda known: (known.name, known.key.hex)))

    def find(self, key: PublicKey) -> KnownKey | None:
        """What is known of this key."""
        return self._keys.get(key)

    def named(self, name: str) -> KnownKey | None:
        """The key that goes by this name here."""
        return next((known for known in self._keys.values() if known.name == name), None)

    def trust(self, key: PublicKey, name: str) -> KnownKey:
        """Know a key by a name from now on; a known one is renamed. Raises UsageError."""
        name = check_key_name(name)
        with self._changing():
            other = self.named(name)
            if other is not None and other.key != key:
                raise UsageError(
                    f"Another key is known as {name!r}.",
                    f"Choose another --name, or: freehold identity forget {name!r}",
                )
            before = self._keys.get(key)
            now = datetime.now(UTC).replace(microsecond=0)
            known = KnownKey(key, name, before.since if before else now)
            self._keys[key] = known
        return known

    def forget(self, word: str) -> KnownKey:
        """Stop knowing a key, by its name, its code or itself. Raises UsageError."""
        code = read_code(word)
        with self._changing():
            for known in self.all():
                if word in {known.name, str(known.key)} or code == known.key.code:
                    return self._keys.pop(known.key)
            raise UsageError(f"No key is known as {word!r}.", "See freehold identity list.")

    def _read(self) -> dict[PublicKey, KnownKey]:
        return {known.key: known for known in self._file.read(_known)}

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What is on the disk, changed within, and back on the disk; one process at a time."""
        with self._lock:
            self._keys = self._read()
            yield
            rows = [
                {"key": str(k.key), "name": k.name, "since": k.since.isoformat()}
                for k in self.all()
            ]
            self._file.write(rows)


def _known(row: dict[str, Any]) -> KnownKey:
    since = datetime.fromisoformat(row["since"])
    return KnownKey(PublicKey.parse(row["key"]), check_key_name(row["name"]), since)
