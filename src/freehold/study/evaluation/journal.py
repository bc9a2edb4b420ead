"""What is already known of a run, so that one that was broken off goes on where it was.

A file of JSON lines: the first says what was asked, each other one is an example's outcome. It is
written line by line, so at most the line that was being written is lost.
"""

from __future__ import annotations

import json
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TextIO

from freehold.store.durable import storage_errors


class Journal:
    """The outcomes of one run. A context manager; it writes only while it is open."""

    def __init__(self, path: Path | None, asked: str) -> None:
        """`asked` says exactly what was asked; a file that says otherwise is begun anew.

        Without a path nothing is kept.
        """
        self._path = path
        self._asked = asked
        self._file: TextIO | None = None
        self.known: dict[int, dict[str, Any]] = {}
        """Outcomes by the number of their example."""

    def __enter__(self) -> Self:
        if self._path is None:
            return self
        with storage_errors(f"keep the answers in {self._path}"):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self.known = self._read(self._path)
            fresh = not self.known
            self._file = self._path.open("w" if fresh else "a", encoding="utf-8")
            if fresh:
                self._write({"asked": self._asked})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def add(self, number: int, outcome: dict[str, Any]) -> None:
        """Keep an example's outcome."""
        self.known[number] = outcome
        if self._file is not None:
            with storage_errors(f"keep the answers in {self._path}"):
                self._write({"example": number, **outcome})

    def _write(self, value: dict[str, Any]) -> None:
        if self._file is not None:
            self._file.write(json.dumps(value, ensure_ascii=True) + "\n")
            self._file.flush()

    def _read(self, path: Path) -> dict[int, dict[str, Any]]:
        """What stands there, as far as it can be read and answers the same question."""
        if not path.exists():
            return {}
        lines = path.read_text(encoding="utf-8", errors="replace").split("\n")
        head, *rest = (_parsed(line) for line in lines)
        if head.get("asked") != self._asked:
            return {}
        known = {each["example"]: each for each in rest if isinstance(each.get("example"), int)}
        if lines[-1]:  # it was broken off within a line: write it anew, without that line
            whole = [lines[0], *(json.dumps(each) for each in known.values())]
            path.write_text("\n".join(whole) + "\n", encoding="utf-8")
        return known


def _parsed(line: str) -> dict[str, Any]:
    try:
        value = json.loads(line)
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}
