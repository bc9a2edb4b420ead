"""What a process that holds a model is to those who use it, whichever program it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from freehold.engine.guest import Ready
    from freehold.engine.worker_log import WorkerLog
    from freehold.errors import EngineError


class Host(Protocol):
    """The process that loads and then serves one model: a worker, or a llama-server."""

    log: WorkerLog

    @property
    def pid(self) -> int:
        """The process that holds the model."""

    def alive(self) -> bool:
        """Whether it is there."""

    def ready(self) -> Ready:
        """Wait until it has loaded. Raises ModelRefused, NotEnoughMemory or WorkerDied."""

    def peak_memory(self) -> int:
        """Resident bytes at their highest."""

    def death(self, doing: str) -> EngineError:
        """Why it stopped answering."""

    def close(self) -> None:
        """End it. Harmless twice."""
