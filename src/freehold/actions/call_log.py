"""The log of calls and letters: one file of this home, readable by its owner alone."""

from __future__ import annotations

import json
import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from freehold.civic.log.entry import Entry, Kind, Outcome, as_json, checked_note, from_json
from freehold.errors import StorageError, UsageError
from freehold.store.durable import storage_errors, sync_folder, write_durably
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock

_VERSION = 1


class CallLog:
    """The log of one home. Each change reads what is on the disk and writes all of it anew."""

    def __init__(self, home: Path) -> None:
        self.path = home / "civic" / "log.json"
        self._lock = StoreLock(Layout(home))

    def entries(self) -> tuple[Entry, ...]:
        """Those to be followed up first, by day; then the newest. Raises StorageError."""
        found = self._read()
        last = date.max
        return tuple(sorted(found, key=lambda e: (e.follow_up or last, -e.on.timestamp(), -e.id)))

    def add(
        self,
        member: str,
        kind: Kind,
        outcome: Outcome | None = None,
        note: str = "",
        follow_up: date | None = None,
    ) -> Entry:
        """Keep one more. Raises UsageError, StorageError."""
        name = " ".join(member.split())
        if not name or len(name) > 200 or not name.isprintable():
            raise UsageError("Whom was it to?", "A name: freehold act log add call 'Senator Olsen'")
        with self._lock:
            kept = self._read()
            number = max((entry.id for entry in kept), default=0) + 1
            now = datetime.now(UTC).replace(microsecond=0)
            entry = Entry(number, now, name, kind, outcome, checked_note(note), follow_up)
            self._write([*kept, entry])
        return entry

    def done(self, number: int) -> Entry:
        """Nothing is to be followed up any more. Raises UsageError for a number not there."""
        with self._lock:
            kept = self._read()
            for at, entry in enumerate(kept):
                if entry.id == number:
                    kept[at] = replace(entry, follow_up=None)
                    self._write(kept)
                    return kept[at]
        raise UsageError(f"The log has no entry {number}.", "freehold act log lists them.")

    def erase(self) -> int:
        """Remove all of it, and say how many entries there were.

        The bytes are overwritten first. What a disk's own workings or backups keep is beyond that.
        """
        with self._lock, storage_errors("erase the log"):
            try:
                size = self.path.stat().st_size
            except FileNotFoundError:
                return 0
            try:
                count = len(self._read())
            except StorageError:
                count = 0  # it makes no sense any more, and goes all the same
            with self.path.open("r+b") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
            self.path.unlink()
            sync_folder(self.path.parent)
        return count

    def _read(self) -> list[Entry]:
        with storage_errors("read the log"):
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                return []
        try:
            document = json.loads(data)
            if document["version"] != _VERSION:
                raise ValueError("it is of another version")  # noqa: TRY301 - told like the rest
            return [from_json(row) for row in document["entries"]]
        except (ValueError, KeyError, TypeError) as error:
            raise StorageError(
                f"The log in {self.path} cannot be read: {error}.",
                "Mend that file, or erase the log: freehold act log erase",
            ) from error

    def _write(self, entries: list[Entry]) -> None:
        document = {"version": _VERSION, "entries": [as_json(entry) for entry in entries]}
        with storage_errors("keep the log"):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            data = json.dumps(document, indent=1, ensure_ascii=False).encode()
            write_durably(self.path, data, private=True)
