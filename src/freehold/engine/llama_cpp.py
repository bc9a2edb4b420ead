"""llama.cpp, through xllamacpp, in a worker process. A crash there is an error message here."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.engine.interface import LoadPlan
from freehold.engine.worker_process import WorkerProcess

if TYPE_CHECKING:
    from freehold.engine.llama_model import LlamaCppModel


@dataclass(frozen=True)
class LlamaCppEngine:
    """Starts a worker process for each model."""

    unix_socket: bool = sys.platform != "win32"
    """False: the worker listens on a free port of 127.0.0.1 and wants a random key."""

    @property
    def name(self) -> str:
        """What it is called."""
        return "llama.cpp"

    def start(self, plan: LoadPlan) -> LlamaCppLoading:
        """Start a worker and return while it loads. Raises EngineError."""
        return LlamaCppLoading(WorkerProcess(plan, self.unix_socket))

    def load(self, plan: LoadPlan) -> LlamaCppModel:
        """Start a worker and wait for it. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        return self.start(plan).wait()


class LlamaCppLoading:
    """A worker that loads."""

    def __init__(self, worker: WorkerProcess) -> None:
        self._worker = worker
        self._handed_over = False

    @property
    def pid(self) -> int:
        """The worker's process id."""
        return self._worker.pid

    def wait(self) -> LlamaCppModel:
        """The model. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        try:
            # Python's HTTP takes 50 ms to import: done here, it costs nothing.
            from freehold.engine.llama_model import LlamaCppModel

            model = LlamaCppModel(self._worker, self._worker.ready())
        except BaseException:  # Ctrl-C too
            self._worker.close()
            raise
        self._handed_over = True
        return model

    def close(self) -> None:
        """Give up, unless the model has been handed over."""
        if not self._handed_over:
            self._worker.close()
