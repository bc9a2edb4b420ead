"""What llama.cpp wrote while it failed, made fit to show: one reason, or a few last lines."""

from __future__ import annotations

import re
from pathlib import Path

_PREFIX = re.compile(r"^[\d.]+ [EWID] ")
_PLACE = re.compile(r"^(?:(?:srv|cmn|slot|que) +[\w~]+(?:\(\))?: (?:init: )?|\w*_\w*(?:\(\))?: )")
_EMPTY = re.compile(
    r"^(error loading model: )?(llama_model_loader: )?"
    r"(failed to load model\b|failed to create|exiting due|please consider|for example"
    r"|failed to initialize chat template)"
)
_MEMORY = re.compile(
    r"insufficient memory|failed to allocate|bad_alloc|out of memory|cannot allocate memory"
    r"|MemoryError",
    re.IGNORECASE,
)
_SCHEMA = re.compile(r"(?:llg error:.*?: |JSON schema conversion was incomplete: )(.+)")
_WORD = re.compile(r"[A-Za-z]{3}")
_TAIL = 64 * 1024


class WorkerLog:
    """The file that a worker's descriptors 1 and 2 go to."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def size(self) -> int:
        """Bytes so far; 0 once the file is gone."""
        try:
            return self.path.stat().st_size
        except FileNotFoundError:
            return 0

    def lines(self, since: int = 0) -> list[str]:
        """The lines after a position, without time stamps; at most the last 64 KiB."""
        try:
            with self.path.open("rb") as file:
                file.seek(max(since, self.size() - _TAIL))
                text = file.read().decode("utf-8", "replace")
        except FileNotFoundError:
            return []
        return [_PREFIX.sub("", line).strip() for line in text.splitlines() if line.strip()]

    def reason(self) -> str | None:
        """Why a load failed: the first of llama.cpp's lines that says more than that it did."""
        lines = [_PLACE.sub("", line) for line in self.lines()]
        telling = [line for line in lines if not _EMPTY.search(line)]
        if not telling:
            return None
        reason = telling[0].removeprefix("error loading model: ").removeprefix("error: ")
        if any("chat template" in line for line in lines) and "template" not in reason:
            reason = f"its chat template cannot be read: {reason}"
        return reason.rstrip(".")

    def wants_memory(self) -> bool:
        """Whether an allocation failed."""
        return any(_MEMORY.search(line) for line in self.lines())

    def schema_complaint(self, since: int) -> str | None:
        """What llama.cpp could not do with a JSON Schema. It says so nowhere else, and goes on."""
        for line in self.lines(since):
            if found := _SCHEMA.search(line):
                return found[1]
        return None

    def last_words(self, count: int = 3) -> str | None:
        """The last few lines, as one."""
        lines = [line for line in self.lines() if _WORD.search(line)][-count:]
        return " / ".join(line[:200] for line in lines) if lines else None
