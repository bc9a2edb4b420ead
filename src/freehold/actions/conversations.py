"""The state of conversations on disk: what a model had read of each, to go on from after a restart.

A state is known by a chain of hashes: over its owner (a key's id), the model, the engine and how
the cache is packed, then over one turn after the other. A request that begins with the same turns
finds it; nothing else does, another key's request least of all. Each has a note beside it with its
size and SHA-256, and is used only when both are right. What was used longest ago makes room.

It knows files, not engines: those write and read the states themselves.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from freehold.store.durable import storage_errors

STATE = ".state"
_NEW = ".new"
_NOTE = ".json"
DEFAULT_BYTES = 2_000_000_000


@dataclass(frozen=True)
class KeptState:
    """One state on the disk."""

    name: str
    turns: int
    """How many turns of a conversation it has read."""
    tokens: int
    size: int
    sha256: str


def chain(identity: Sequence[str], turns: Iterable[object]) -> Iterator[str]:
    """The name of the state after each turn, in order."""
    link = hashlib.sha256(json.dumps(list(identity)).encode()).digest()
    for turn in turns:
        link = hashlib.sha256(link + repr(turn).encode("utf-8", "surrogatepass")).digest()
        yield link.hex()


class Conversations:
    """The states of one store, in a folder that only its owner can enter."""

    def __init__(self, home: Path, most_bytes: int = DEFAULT_BYTES) -> None:
        """Clears what a killed server left half-written. Raises StorageError."""
        self.folder = home / "conversations"
        self.most_bytes = most_bytes
        with storage_errors("open the folder of conversations"):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            for stray in self.folder.glob(f"*{_NEW}"):
                stray.unlink(missing_ok=True)
        self._make_room(0)

    def find(
        self, identity: Sequence[str], turns: Sequence[object], more_than: int
    ) -> KeptState | None:
        """The longest beginning of `turns` that is kept and longer than `more_than` turns."""
        names = list(chain(identity, turns))
        for count in range(len(names), more_than, -1):
            note = self._read(names[count - 1])
            if note is not None:
                return note
        return None

    def is_whole(self, state: KeptState) -> bool:
        """Whether its bytes are those that were kept; one that isn't is removed. Takes a moment."""
        try:
            with self.path(state.name).open("rb") as file:
                found = hashlib.file_digest(file, "sha256").hexdigest()
        except OSError:
            found = ""
        if found == state.sha256:
            os.utime(self.path(state.name))  # used now
            return True
        self.drop(state.name)
        return False

    def path(self, name: str) -> Path:
        """Where a state is."""
        return self.folder / f"{name}{STATE}"

    def being_written(self, name: str) -> str:
        """The name of the file that an engine is to write; `keep` makes a state of it."""
        return f"{name}{_NEW}"

    def keep(self, name: str, turns: int, tokens: int) -> KeptState | None:
        """Take over what the engine has written; None when there is no room. Takes a moment."""
        fresh = self.folder / self.being_written(name)
        with storage_errors("keep a conversation's state"):
            size = fresh.stat().st_size
            if size > self.most_bytes:
                fresh.unlink()
                return None
            self._make_room(size)
            with fresh.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            state = KeptState(name, turns, tokens, size, digest)
            fresh.replace(self.path(name))
            note = {"turns": turns, "tokens": tokens, "size": size, "sha256": digest}
            (self.folder / f"{name}{_NOTE}").write_text(json.dumps(note), encoding="utf-8")
        return state

    def drop(self, name: str) -> None:
        """Let one go."""
        with storage_errors("remove a conversation's state"):
            (self.folder / f"{name}{_NOTE}").unlink(missing_ok=True)
            self.path(name).unlink(missing_ok=True)
            (self.folder / self.being_written(name)).unlink(missing_ok=True)

    def clear(self) -> None:
        """Let all go."""
        for path in self._by_use():
            self.drop(path.stem)

    @property
    def size(self) -> int:
        """Bytes that they take."""
        return sum(_size(path) for path in self._by_use())

    def _read(self, name: str) -> KeptState | None:
        try:
            note = json.loads((self.folder / f"{name}{_NOTE}").read_text(encoding="utf-8"))
            state = KeptState(name, **note)
            return state if self.path(name).stat().st_size == state.size else None
        except (OSError, ValueError, TypeError):  # none, or cut short by a kill: not used
            return None

    def _make_room(self, more: int) -> None:
        """Remove what was used longest ago until `more` bytes fit."""
        paths = self._by_use()
        taken = sum(_size(path) for path in paths)
        for path in paths:
            if taken + more <= self.most_bytes:
                return
            taken -= _size(path)
            self.drop(path.stem)

    def _by_use(self) -> list[Path]:
        """Every state, the one used longest ago first."""
        return sorted(self.folder.glob(f"*{STATE}"), key=_used)


def _size(path: Path) -> int:
    with suppress(FileNotFoundError):
        return path.stat().st_size
    return 0


def _used(path: Path) -> float:
    with suppress(FileNotFoundError):
        return path.stat().st_mtime
    return 0.0
