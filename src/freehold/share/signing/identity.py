"""This Freehold's own key: made here at first use, kept in one file that only its owner can read.

Nothing else reads that file, and nothing that leaves carries it: bundles are made of what a model's
record says. Whoever has the file can sign in this name; whoever loses it makes a new one.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from platform import node
from typing import TYPE_CHECKING, Any

from freehold.errors import StorageError, UsageError
from freehold.share.signing.key import PublicKey, check_key_name, is_key_name
from freehold.store.durable import storage_errors, write_durably
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

FILE = "identity.json"
_VERSION = 1


@dataclass(frozen=True)
class Identity:
    """A name, a key, and the power to sign with it."""

    name: str
    key: PublicKey
    made_at: datetime
    secret: str = field(repr=False)
    """The private half, 64 hexadecimal digits."""

    def sign(self, message: bytes) -> bytes:
        """64 bytes that only this key can have made."""
        return _private(self.secret).sign(message)


def load_identity(home: Path) -> Identity | None:
    """This Freehold's own key; None when there is none yet. Raises StorageError."""
    path = home / FILE
    with storage_errors("read your key"):
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
    try:
        return _identity(json.loads(data))
    except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
        raise StorageError(
            f"Your key in {path} cannot be read: {error}.",
            "Put a copy of that file there, or move it away: the next use makes a new key.",
        ) from error


def own_identity(home: Path, name: str | None = None) -> Identity:
    """This Freehold's own key, made now if there is none. A `name` given is its name from now on.

    Raises UsageError for a name that is none, StorageError.
    """
    wanted = check_key_name(name) if name is not None else None
    with StoreLock(Layout(home)):
        known = load_identity(home)
        if known is not None and wanted in {None, known.name}:
            return known
        identity = _named(known, wanted) if known and wanted else _make(wanted or _machine())
        document = {
            "version": _VERSION,
            "name": identity.name,
            "public_key": str(identity.key),
            "made_at": identity.made_at.isoformat(timespec="seconds"),
            "private_key": identity.secret,
        }
        with storage_errors("keep your key"):
            data = json.dumps(document, indent=1, ensure_ascii=False).encode()
            write_durably(home / FILE, data, private=True)
    return identity


def _make(name: str) -> Identity:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    private = Ed25519PrivateKey.generate()
    key = PublicKey(private.public_key().public_bytes_raw().hex())
    now = datetime.now(UTC).replace(microsecond=0)
    return Identity(name, key, now, private.private_bytes_raw().hex())


def _named(known: Identity, name: str) -> Identity:
    return Identity(name, known.key, known.made_at, known.secret)


def _machine() -> str:
    """What this machine is called, as far as that can be a name."""
    name = node().split(".")[0][:60].strip()
    return name if is_key_name(name) else "A Freehold"


def _identity(document: dict[str, Any]) -> Identity:
    if document["version"] != _VERSION:
        raise ValueError("it was written by another version of Freehold")
    identity = Identity(
        check_key_name(document["name"]),
        PublicKey.parse(document["public_key"]),
        datetime.fromisoformat(document["made_at"]),
        document["private_key"],
    )
    if _private(identity.secret).public_key().public_bytes_raw().hex() != identity.key.hex:
        raise ValueError("its two halves do not belong together")
    return identity


def _private(secret: str) -> Ed25519PrivateKey:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    return Ed25519PrivateKey.from_private_bytes(bytes.fromhex(secret))
