"""Keys to this machine's API: made here, shown once, kept only as hashes, each with what it may do.

A key is 256 random bits, so one SHA-256 keeps it safe at rest: there is nothing to guess that a
slow hash would slow down. Whoever can read the owner's files needs no key anyway.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Any

from freehold.errors import UsageError
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.rows_file import RowsFile

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_FILE = "keys.json"
_LONGEST_NAME = 60
_SHAPE = re.compile(r"fh-([0-9a-f]{8})-[A-Za-z0-9_-]{43}")


class Scope(StrEnum):
    """What a key opens."""

    RUN = "run"
    """Ask models, list them, count tokens."""
    MANAGE = "manage"
    """Also get, copy and remove models."""


@dataclass(frozen=True)
class ApiKey:
    """One key, without its secret."""

    id: str
    """Eight hexadecimal digits, part of the secret, so that a key can be told from another."""
    name: str
    sha256: str
    """Of the whole secret."""
    scopes: tuple[Scope, ...]
    created_at: str
    """UTC, ISO 8601."""

    def allows(self, scope: Scope) -> bool:
        """Whether it opens this."""
        return scope in self.scopes


@dataclass(frozen=True)
class NewKey:
    """A key and its secret, which is known only now."""

    key: ApiKey
    secret: str


class ApiKeys:
    """The keys of one store. Read once; ask for a new one to see what others changed."""

    def __init__(self, home: Path) -> None:
        """Raises StorageError when the file is there and makes no sense."""
        hint = "Move that file away and make new keys: freehold key add NAME."
        self._file = RowsFile(home / _FILE, "keys", "keys", hint)
        self._lock = StoreLock(Layout(home))
        self._keys = self._read()

    def all(self) -> tuple[ApiKey, ...]:
        """Oldest first."""
        return tuple(sorted(self._keys.values(), key=lambda key: key.created_at))

    def make(self, name: str, scopes: Iterable[Scope] = (Scope.RUN,)) -> NewKey:
        """A new key, kept before it is returned. Raises UsageError for a name that is no name."""
        name = name.strip()
        if not name or len(name) > _LONGEST_NAME or not name.isprintable():
            raise UsageError(
                f"{name[:80]!r} cannot be a key's name.",
                f"Up to {_LONGEST_NAME} characters that say who has it: phone, editor.",
            )
        identity = secrets.token_hex(4)
        secret = f"fh-{identity}-{secrets.token_urlsafe(32)}"
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        chosen = tuple(scope for scope in Scope if scope in set(scopes))
        key = ApiKey(identity, name, _hash(secret), chosen, now)
        with self._changing():
            if any(other.name == name for other in self._keys.values()):
                raise UsageError(
                    f"There is a key called {name!r} already.", f"freehold key remove {name}"
                )
            self._keys[identity] = key
        return NewKey(key, secret)

    def remove(self, name: str) -> ApiKey:
        """Let a key go, by its name or id. Raises NotFound."""
        with self._changing():
            for key in self._keys.values():
                if name in {key.name, key.id}:
                    return self._keys.pop(key.id)
            raise UsageError(f"There is no key called {name!r}.", "See freehold key list.")

    def check(self, secret: str) -> ApiKey | None:
        """The key that this is the secret of, or None. Takes as long for any wrong one."""
        found = _SHAPE.fullmatch(secret)
        key = self._keys.get(found[1]) if found else None
        expected = key.sha256 if key else "0" * 64
        same = hmac.compare_digest(_hash(secret), expected)
        return key if same else None

    def _read(self) -> dict[str, ApiKey]:
        # A key file that cannot be read lets nobody in: better than letting everybody in.
        return {key.id: key for key in self._file.read(_key)}

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What is on the disk, changed within, and back on the disk; one process at a time."""
        with self._lock:
            self._keys = self._read()
            yield
            self._file.write(map(asdict, self.all()), private=True)


def _hash(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def _key(row: dict[str, Any]) -> ApiKey:
    key = ApiKey(**{**row, "scopes": tuple(Scope(scope) for scope in row["scopes"])})
    if not all(isinstance(text, str) for text in (key.id, key.name, key.sha256, key.created_at)):
        raise TypeError("a part of a key is not text")
    return key
