"""The parent's end of a worker: hand it the plan, hear whether it has loaded. It knows no HTTP."""

from __future__ import annotations

import time
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path

from freehold.engine.guest import Guest, Ready
from freehold.engine.interface import LoadPlan
from freehold.engine.load_plan import Addition
from freehold.engine.private_folder import SOCKET
from freehold.errors import EngineError

_SCRIPT = Path(__file__).with_name("worker.py")


class WorkerProcess(Guest):
    """One worker, from start to end. Use `ready` once, then `peak_memory` and `close`."""

    upgrade = "A newer xllamacpp may know it: pip install --upgrade xllamacpp"

    def __init__(self, plan: LoadPlan, unix_socket: bool, where: str) -> None:
        """Start it with the binding in the folder `where`; returns while it loads."""
        super().__init__(_SCRIPT, plan, unix_socket)
        self._where = where
        self.tell(
            asdict(plan)
            | {
                "weights": str(self.weights),
                "further": None,  # llama.cpp finds them by the name of the first
                "projector": str(plan.projector.absolute()) if plan.projector else None,
                "states": str(plan.states.absolute()) if plan.states else None,
                "adapters": _plain(plan.adapters),
                "vectors": _plain(plan.vectors),
                "batch_threads": plan.batch_threads or plan.threads,
                "listen": str(self.folder / SOCKET) if unix_socket else "127.0.0.1",
                "key": self.key,
                "packages": where,
                "folder": str(self.folder),
            }
        )

    def ready(self) -> Ready:
        """Wait until it has loaded. Raises ModelRefused, NotEnoughMemory or WorkerDied."""
        said = self.hear()
        if said is None:
            raise self.death(f"loading {self.model}")
        if "broken" in said:
            raise EngineError(
                f"The llama.cpp binding in {self._where} cannot be used: {said['broken']}.",
                "Install it again: pip install --force-reinstall xllamacpp",
            )
        if "refused" in said:
            raise self.refusal(said["refused"])
        return Ready(
            address=said["address"],
            key=self.key,
            import_seconds=said["import_seconds"],
            load_seconds=said["load_seconds"],
            total_seconds=time.perf_counter() - self.began,
        )


def _plain(additions: tuple[Addition, ...]) -> list[tuple[str, float]]:
    return [(str(each.path.absolute()), each.scale) for each in additions]


def packages() -> str:
    """The folder that the binding is installed in, found without importing it."""
    found = find_spec("xllamacpp")
    if found is None or found.origin is None:
        raise EngineError(
            "The llama.cpp binding is not installed.", "Install it: pip install xllamacpp"
        )
    return str(Path(found.origin).parent.parent)
