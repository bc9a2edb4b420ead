"""The keys that the owner knows, each with the name that the owner gave it, and since when.

Names in a signature are claims of whoever signed; the names kept here are what is believed.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from freehold.errors import StorageError, UsageError
from freehold.share.signing.key import PublicKey, check_key_name, read_code
from freehold.store.durable import storage_errors, write_durably
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock

_FILE = "known-keys.json"
_VERSION = 1


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
        self._path = home / _FILE
        self._lock = StoreLock(Layout(home))
        self._keys = _read(self._path)

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

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What is on the disk, changed within, and back on the disk; one process at a time."""
        with self._lock:
            self._keys = _read(self._path)
            yield
            rows = [
                {"key": str(k.key), "name": k.name, "since": k.since.isoformat()}
                for k in self.all()
            ]
            document = {"version": _VERSION, "keys": rows}
            with storage_errors("keep the known keys"):
                data = json.dumps(document, indent=1, ensure_ascii=False).encode()
                write_durably(self._path, data)


def _read(path: Path) -> dict[PublicKey, KnownKey]:
    with storage_errors("read the known keys"):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return {}
    try:
        return {known.key: known for known in map(_known, _rows(json.loads(data)))}
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        raise StorageError(
            f"The known keys in {path} cannot be read: {error}.",
            "Mend that file, or move it away and trust your friends' keys again.",
        ) from error


def _rows(document: dict[str, Any]) -> list[dict[str, Any]]:
    if document["version"] != _VERSION:
        raise ValueError("it was written by another version of Freehold")
    rows: list[dict[str, Any]] = document["keys"]
    return rows


def _known(row: dict[str, Any]) -> KnownKey:
    since = datetime.fromisoformat(row["since"])
    return KnownKey(PublicKey.parse(row["key"]), check_key_name(row["name"]), since)
