"""The peers that the owner has met: where each was last, and the key that it showed then.

A key that is met once is held to: another at the same address, or under the same name, is refused
and never takes its place by itself. Whether a peer is trusted the list of known keys says.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.errors import IntegrityError, UsageError
from freehold.share.signing.key import PublicKey, check_key_name
from freehold.share.signing.known_keys import KnownKeys
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.rows_file import RowsFile

_FILE = "peers.json"
_MOST = 256


@dataclass(frozen=True)
class MetPeer:
    """A peer in the book. `key` is None for one that shares without a key."""

    name: str
    host: str
    port: int
    key: PublicKey | None

    @property
    def address(self) -> str:
        """`host:port`, as it is typed and shown."""
        return address_of(self.host, self.port)


@dataclass(frozen=True)
class KnownPeer:
    """A peer whose key the owner trusts, and where it was last."""

    name: str
    """As the owner calls the key."""
    host: str
    port: int
    key: PublicKey

    @property
    def address(self) -> str:
        """`host:port`, as it is typed and shown."""
        return address_of(self.host, self.port)


def address_of(host: str, port: int) -> str:
    """`host:port`, with brackets where the host is IPv6."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def known_peers(home: Path) -> tuple[KnownPeer, ...]:
    """The peers that are trusted, by name. Asks nobody. Raises StorageError."""
    book = PeerBook(home).all()
    keys = KnownKeys(home)
    found = ((peer, keys.find(peer.key)) for peer in book if peer.key is not None)
    known = [KnownPeer(key.name, peer.host, peer.port, key.key) for peer, key in found if key]
    return tuple(sorted(known, key=lambda peer: peer.name))


class PeerBook:
    """The book of one home. Read once; ask for a new one to see what others changed."""

    def __init__(self, home: Path) -> None:
        """Raises StorageError when the file is there and makes no sense."""
        hint = "Mend that file, or move it away and add your peers again."
        self._file = RowsFile(home / _FILE, "peers", "book of peers", hint)
        self._lock = StoreLock(Layout(home))
        self._peers = self._file.read(_peer)

    def all(self) -> tuple[MetPeer, ...]:
        """By name."""
        return tuple(sorted(self._peers, key=lambda peer: (peer.name, peer.address)))

    def at(self, host: str, port: int) -> MetPeer | None:
        """Who was met at an address; one with a key first."""
        here = [peer for peer in self._peers if (peer.host, peer.port) == (host, port)]
        return next((peer for peer in here if peer.key), here[0] if here else None)

    def named(self, word: str) -> MetPeer | None:
        """By its name or its address."""
        return next((peer for peer in self.all() if word in {peer.name, peer.address}), None)

    def check(self, peer: MetPeer) -> None:
        """That no other key was met at this address or under this name. Raises IntegrityError."""
        for other in self._peers:
            same = (other.host, other.port) == (peer.host, peer.port) or other.name == peer.name
            if not same or other.key is None or other.key == peer.key:
                continue
            shows = f"the key with the code {peer.key.code}" if peer.key else "no key"
            where = peer.name if other.name == peer.name else peer.address
            raise IntegrityError(
                f"{where} shows {shows}, and had another when you met it: {other.key.code}.",
                "Ask its owner. If the machine is new, forget the old one first: "
                f"freehold peers forget {other.name!r}",
            )

    def keep(self, peer: MetPeer) -> MetPeer:
        """Write a peer down; what was known of its key or, without one, its address, goes."""
        check_key_name(peer.name)
        with self._changing():
            self._peers = [each for each in self._peers if not _replaces(peer, each)]
            if len(self._peers) >= _MOST:
                raise UsageError(f"The book has {_MOST} peers.", "freehold peers forget NAME")
            self._peers.append(peer)
        return peer

    def forget(self, word: str) -> MetPeer:
        """Strike one out, by its name or its address. Raises UsageError."""
        with self._changing():
            peer = self.named(word)
            if peer is None:
                raise UsageError(f"No peer is known as {word!r}.", "See freehold peers list.")
            self._peers.remove(peer)
        return peer

    @contextmanager
    def _changing(self) -> Iterator[None]:
        """What is on the disk, changed within, and back on the disk; one process at a time."""
        with self._lock:
            self._peers = self._file.read(_peer)
            yield
            rows = [
                {
                    "name": peer.name,
                    "host": peer.host,
                    "port": peer.port,
                    "key": str(peer.key) if peer.key else None,
                }
                for peer in self.all()
            ]
            self._file.write(rows)


def _replaces(new: MetPeer, old: MetPeer) -> bool:
    if old.key is not None:
        return old.key == new.key
    return (old.host, old.port) == (new.host, new.port)


def _peer(row: dict[str, Any]) -> MetPeer:
    host, port = row["host"], row["port"]
    if not isinstance(host, str) or not host.isprintable() or type(port) is not int:
        raise TypeError("an address that is none")
    key = PublicKey.parse(row["key"]) if row["key"] is not None else None
    return MetPeer(check_key_name(row["name"]), host, port, key)
