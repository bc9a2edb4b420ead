"""llama.cpp, through xllamacpp, in a worker process. A crash there is an error message here."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.engine.interface import EngineIdentity, LoadPlan
from freehold.engine.loading import GuestLoading
from freehold.engine.worker_process import WorkerProcess, packages
from freehold.errors import EngineError

if TYPE_CHECKING:
    from freehold.engine.llama_model import LlamaCppModel

BUNDLED = "bundled"


@dataclass(frozen=True)
class LlamaCppEngine:
    """Starts a worker process for each model."""

    unix_socket: bool = sys.platform != "win32"
    """False: the worker listens on a free port of 127.0.0.1 and wants a random key."""
    folder: Path | None = None
    """The folder that the binding is in; None: where Python finds it, beside Freehold."""
    name: str = BUNDLED
    """What it is called in messages and records."""

    def place(self) -> str:
        """The folder that Python finds the binding in. Raises EngineError when there is none."""
        return packages() if self.folder is None else str(self.folder)

    def identity(self) -> EngineIdentity:
        """Which one it is. Asks it, in a process of its own. Raises EngineError."""
        from freehold.engine.devices import engine_view

        view = engine_view(self.folder)
        return EngineIdentity(self.name, view.version, view.features)

    def fingerprint(self) -> str:
        """Where the binding is, and the size and time of its largest file."""
        package = Path(self.place()) / "xllamacpp"
        try:
            states = [file.stat() for file in package.iterdir() if file.is_file()]
        except OSError as error:
            raise EngineError(f"{package} cannot be read: {error.strerror}.") from error
        largest = max(states, key=lambda state: state.st_size)
        return f"{self.name} {package} {largest.st_size} {largest.st_mtime_ns}"

    def start(self, plan: LoadPlan) -> GuestLoading:
        """Start a worker and return while it loads. Raises EngineError."""
        return GuestLoading(WorkerProcess(plan, self.unix_socket, self.place()))

    def load(self, plan: LoadPlan) -> LlamaCppModel:
        """Start a worker and wait for it. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        return self.start(plan).wait()
