"""llama.cpp, through xllamacpp, in a worker process. A crash there is an error message here."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.engine.interface import LoadPlan
from freehold.engine.loading import GuestLoading
from freehold.engine.worker_process import WorkerProcess, packages

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

    def start(self, plan: LoadPlan) -> GuestLoading:
        """Start a worker and return while it loads. Raises EngineError."""
        where = packages() if self.folder is None else str(self.folder)
        return GuestLoading(WorkerProcess(plan, self.unix_socket, where))

    def load(self, plan: LoadPlan) -> LlamaCppModel:
        """Start a worker and wait for it. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        return self.start(plan).wait()
