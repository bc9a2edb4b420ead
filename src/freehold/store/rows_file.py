"""Rows of one kind in a small JSON file of a home: read as a whole, replaced as a whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from freehold.errors import StorageError, UsageError
from freehold.store.durable import storage_errors, write_durably

T = TypeVar("T")


@dataclass(frozen=True)
class RowsFile:
    """Where they are, and what is said when they make no sense."""

    path: Path
    key: str
    """What the list is called in the file."""
    what: str
    """And to people: `known keys`."""
    hint: str
    """What to do when it cannot be read."""
    version: int = 1

    def read(self, row: Callable[[dict[str, Any]], T]) -> list[T]:
        """Each row as `row` makes it; none without a file. Raises StorageError."""
        with storage_errors(f"read the {self.what}"):
            try:
                data = self.path.read_bytes()
            except FileNotFoundError:
                return []
        try:
            return [row(each) for each in self._rows(json.loads(data))]
        except (ValueError, KeyError, TypeError, AttributeError, UsageError) as error:
            raise StorageError(
                f"The {self.what} in {self.path} cannot be read: {error}.", self.hint
            ) from error

    def write(self, rows: Iterable[dict[str, Any]], *, private: bool = False) -> None:
        """These rows in the place of all others. Raises StorageError."""
        document = {"version": self.version, self.key: list(rows)}
        with storage_errors(f"keep the {self.what}"):
            data = json.dumps(document, indent=1, ensure_ascii=False).encode()
            write_durably(self.path, data, private=private)

    def _rows(self, document: dict[str, Any]) -> list[dict[str, Any]]:
        if document["version"] != self.version:
            raise ValueError("it was written by another version of Freehold")
        rows: list[dict[str, Any]] = document[self.key]
        return rows
