"""A llama-server that is installed here: one for each model, private, gone with Freehold.

Whatever put it on this machine (a package manager, the owner's own build), it runs as it is. The
client is the same as for the worker's server; only starting and ending it differ.
"""

from __future__ import annotations

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.engine.interface import LoadPlan
from freehold.engine.loading import GuestLoading
from freehold.engine.server_flags import ServerHelp, ask_server
from freehold.engine.server_process import ServerProcess

if TYPE_CHECKING:
    from freehold.engine.llama_model import LlamaCppModel

LLAMA_SERVER = "llama-server"


@dataclass(frozen=True)
class LlamaServerEngine:
    """Starts a llama-server for each model."""

    program: Path
    unix_socket: bool = sys.platform != "win32"
    """False: it listens on a port of 127.0.0.1 and wants a random key."""
    name: str = LLAMA_SERVER
    """What it is called in messages and records."""

    def start(self, plan: LoadPlan) -> GuestLoading:
        """Start it and return while it loads. Raises EngineError."""
        return GuestLoading(ServerProcess(plan, self.program, self.about(), self.unix_socket))

    def load(self, plan: LoadPlan) -> LlamaCppModel:
        """Start it and wait. Raises ModelRefused, NotEnoughMemory, WorkerDied."""
        return self.start(plan).wait()

    def about(self) -> ServerHelp:
        """What it says of itself. Raises EngineError when it cannot be asked."""
        return ask_server(self.program)


def find_llama_server() -> Path | None:
    """The one that the shell would start."""
    found = shutil.which(LLAMA_SERVER)
    return Path(found) if found else None
