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

from freehold.engine.interface import EngineIdentity, LoadPlan
from freehold.engine.loading import GuestLoading
from freehold.engine.server_flags import ServerHelp, ask_server
from freehold.engine.server_process import ServerProcess
from freehold.errors import EngineError

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

    def place(self) -> str:
        """The path of the program."""
        return str(self.program)

    def identity(self) -> EngineIdentity:
        """Its version; which instruction sets it uses, no llama-server says. Raises EngineError."""
        return EngineIdentity(self.name, self.about().version)

    def fingerprint(self) -> str:
        """Where it is, its size and its time."""
        try:
            state = self.program.stat()
        except OSError as error:
            raise EngineError(f"{self.program} cannot be read: {error.strerror}.") from error
        return f"{self.name} {self.program} {state.st_size} {state.st_mtime_ns}"

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
