"""The log of calls and letters: one file of this home, readable by its owner alone."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

from freehold.civic.log.entry import Entry, Kind, Outcome, as_json, checked_note, from_json
from freehold.errors import StorageError, UsageError
from freehold.store.durable import storage_errors, sync_folder
from freehold.store.layout import Layout
from freehold.store.locks import StoreLock
from freehold.store.rows_file import RowsFile


class CallLog:
    """The log of one home. Each change reads what is on the disk and writes all of it anew."""

    def __init__(self, home: Path) -> None:
        self.path = home / "civic" / "log.json"
        hint = "Mend that file, or erase the log: freehold act log erase"
        self._file = RowsFile(self.path, "entries", "log", hint)
        self._lock = StoreLock(Layout(home))

    def entries(self) -> tuple[Entry, ...]:
        """Those to be followed up first, by day; then the newest. Raises StorageError."""
        found = self._file.read(from_json)
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
            kept = self._file.read(from_json)
            number = max((entry.id for entry in kept), default=0) + 1
            now = datetime.now(UTC).replace(microsecond=0)
            entry = Entry(number, now, name, kind, outcome, checked_note(note), follow_up)
            self._write([*kept, entry])
        return entry

    def done(self, number: int) -> Entry:
        """Nothing is to be followed up any more. Raises UsageError for a number not there."""
        with self._lock:
            kept = self._file.read(from_json)
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
                count = len(self._file.read(from_json))
            except StorageError:
                count = 0  # it makes no sense any more, and goes all the same
            with self.path.open("r+b") as file:
                file.write(bytes(size))
                file.flush()
                os.fsync(file.fileno())
            self.path.unlink()
            sync_folder(self.path.parent)
        return count

    def _write(self, entries: list[Entry]) -> None:
        self._file.write(map(as_json, entries), private=True)
