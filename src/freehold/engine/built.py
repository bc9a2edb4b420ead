"""Engines that were compiled on this machine: where they are, and which one counts.

`built.json` names the folder that counts. It is replaced in one step after a new engine has proven
itself, so there is always a whole engine or none. Folders that it doesn't name are left over from
something interrupted; the next build or removal clears them away.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from freehold.engine.llama_cpp import LlamaCppEngine
from freehold.errors import EngineError, StoreBusy

BUILT = "built"
_RECORD = "built.json"
_PREFIX = "built-"


@dataclass(frozen=True)
class BuiltRecord:
    """What is written down of an engine that was compiled here."""

    folder: str
    """Below the engines' folder."""
    version: str
    source: str
    """The name of the source package."""
    sha256: str
    """Of the source package."""
    compiler: str
    cmake_arguments: str
    instructions: tuple[str, ...]
    """Instruction sets it uses, in llama.cpp's words."""
    seconds: float
    """What the build took."""
    size: int
    """Bytes that it takes."""
    made: str
    """When, as ISO 8601 in UTC."""
    rows_per_share: int | None = None
    """Of a matrix, for a thread at a time, where the source was changed for it: `wider_shares`."""


class BuiltEngines:
    """The engines' folder of one store."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def exists(self) -> bool:
        """Whether one counts."""
        return (self.folder / _RECORD).exists()

    def record(self) -> BuiltRecord | None:
        """The engine that counts; None when none has been built. Raises EngineError."""
        path = self.folder / _RECORD
        try:
            said = json.loads(path.read_bytes())
            return BuiltRecord(**{**said, "instructions": tuple(said["instructions"])})
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, KeyError) as error:
            raise EngineError(
                f"{path} cannot be read: {error}.",
                "Build the engine again: freehold engine build",
            ) from error

    def engine(self) -> LlamaCppEngine:
        """The engine that counts. Raises EngineError when there is none."""
        record = self.record()
        place = self.packages(record) if record else None
        if place is None or not (place / "xllamacpp").is_dir():
            raise EngineError(
                "No engine has been built on this machine.",
                "Build one with `freehold engine build`, or choose another: freehold engine list",
            )
        return LlamaCppEngine(folder=place, name=BUILT)

    def packages(self, record: BuiltRecord) -> Path:
        """The folder that Python finds the binding in."""
        return self.folder / record.folder / "packages"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Only one builds or removes at a time. Raises StoreBusy when another does."""
        from filelock import FileLock, Timeout

        self.folder.mkdir(parents=True, exist_ok=True)
        try:
            with FileLock(self.folder / "build.lock", timeout=0):
                yield
        except Timeout as error:
            raise StoreBusy(
                "Another Freehold is building or removing an engine.", "Wait until it has finished."
            ) from error

    def new_folder(self) -> Path:
        """A name for the next one."""
        return self.folder / f"{_PREFIX}{os.urandom(6).hex()}"

    def make_count(self, record: BuiltRecord) -> None:
        """From here on this one counts; what counted before is cleared away."""
        text = json.dumps(asdict(record), indent=2) + "\n"
        path = self.folder / _RECORD
        temporary = path.with_name(f"{_RECORD}.{os.getpid()}.tmp")
        try:
            with temporary.open("w", encoding="utf-8") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)
        self.clear_unnamed()

    def remove(self) -> None:
        """Let the one that counts go. Raises EngineError when there is none."""
        if not self.exists():
            raise EngineError("No engine has been built on this machine: nothing was removed.")
        with self.locked():
            (self.folder / _RECORD).unlink()
            self.clear_unnamed()

    def clear_unnamed(self) -> None:
        """Remove folders that don't count. What is in use on Windows stays until next time."""
        record = self.record() if self.exists() else None
        kept = record.folder if record else None
        for folder in self.folder.glob(f"{_PREFIX}*"):
            if folder.is_dir() and folder.name != kept:
                shutil.rmtree(folder, ignore_errors=os.name == "nt")
