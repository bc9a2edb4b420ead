"""What runs really took: numbers only, a few of them, kept for each model on each machine.

Files are `device/runs/MODEL-MACHINE.json` in Freehold's home, with the last `MOST` runs: counts of
tokens, seconds, the engine, a digest of its settings, and the day. No text, neither prompt nor
answer, ever comes here. A file that cannot be read is set aside and the learning begins anew.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from freehold.device.kept import read_kept, write_kept
from freehold.device.plain import from_plain, to_plain
from freehold.errors import FormatError, StorageError

FORMAT = "freehold-runs"
VERSION = 1
MOST = 64
"""Runs that are kept of a model; older ones make room."""
_PATIENCE = 5.0
"""Seconds to wait for another process that writes: it takes milliseconds."""


@dataclass(frozen=True)
class MeasuredRun:
    """One answer, in numbers."""

    engine: str
    """Which one, in full: name, version and what it was built to use, as one text."""
    settings: str
    """A digest of how the model was loaded: runs of other settings say nothing of this one."""
    read: int
    """Prompt tokens that were read."""
    cached: int
    """Prompt tokens before them, kept from an earlier request."""
    read_seconds: float
    written: int
    """Answer tokens."""
    write_seconds: float
    """From the first of them to the last."""
    when: str
    """The day, UTC."""


@dataclass(frozen=True)
class _Kept:
    runs: tuple[MeasuredRun, ...]


def runs_path(home: Path, model: str, device: str) -> Path:
    """Where the runs of one model on one machine are kept."""
    return home / "device" / "runs" / f"{model[:16]}-{device}.json"


def load_runs(home: Path, model: str, device: str) -> tuple[MeasuredRun, ...]:
    """Those that are kept, oldest first. Raises StorageError."""
    return _read(runs_path(home, model, device))


def keep_run(home: Path, model: str, device: str, run: MeasuredRun) -> bool:
    """Add one; False when another process was writing for too long. Raises StorageError."""
    from filelock import FileLock, Timeout

    path = runs_path(home, model, device)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(path.parent / "runs.lock").acquire(_PATIENCE, poll_interval=0.005):
            kept = _Kept((*_read(path), run)[-MOST:])
            write_kept(path, {"format": FORMAT, "version": VERSION, **to_plain(kept)})
    except Timeout:
        return False
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}.") from error
    return True


def _read(path: Path) -> tuple[MeasuredRun, ...]:
    try:
        document = read_kept(path)
        if document is None:
            return ()
        return _runs_from(document, path.name)
    except FormatError:
        # Nothing is lost but what the next runs tell again.
        _set_aside(path)
        return ()


def _runs_from(document: dict[str, Any], what: str) -> tuple[MeasuredRun, ...]:
    if document.get("format") != FORMAT or document.get("version") != VERSION:
        raise FormatError(f"{what} holds no runs that this Freehold can read.")
    return from_plain(_Kept, document, what).runs


def _set_aside(path: Path) -> None:
    try:
        path.replace(path.with_suffix(".set-aside"))
    except FileNotFoundError:
        return  # another process was quicker
    except OSError as error:
        raise StorageError(
            f"{path} is damaged and cannot be set aside: {error.strerror}."
        ) from error
