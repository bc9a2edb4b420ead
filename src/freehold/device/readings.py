"""Small files in which a Linux system says something of itself. What cannot be read is None."""

from __future__ import annotations

from pathlib import Path


def read_text(path: Path) -> str | None:
    """The text without spaces and zero bytes around it; None if there is none."""
    try:
        text = path.read_bytes().decode("utf-8", errors="replace")
    except OSError:
        return None
    return text.strip(" \t\r\n\0") or None


def read_int(path: Path) -> int | None:
    """A whole number; None where the file says anything else."""
    text = read_text(path)
    if text is None:
        return None
    try:
        return int(text)
    except ValueError:
        return None


def read_cpu_list(path: Path) -> tuple[int, ...] | None:
    """Numbers of logical cores, written as `0-3,8`. None if it cannot be read or says nothing."""
    text = read_text(path)
    if text is None:
        return None
    found: list[int] = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            found.extend(range(int(first), int(last or first) + 1))
    except ValueError:
        return None
    return tuple(found)
