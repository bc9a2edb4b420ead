"""An installed llama-server as we see it: started by its keeper, ready when it answers."""

from __future__ import annotations

import socket
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from freehold.engine.guest import Guest, Ready
from freehold.engine.interface import LoadPlan
from freehold.engine.private_folder import SOCKET
from freehold.engine.server_flags import OTHER_ENGINE, ServerHelp, flags
from freehold.errors import EngineError

if TYPE_CHECKING:
    from freehold.engine.llama_http import LlamaServer

_SCRIPT = Path(__file__).with_name("server_keeper.py")


class ServerProcess(Guest):
    """One llama-server, from start to end. Use `ready` once, then `peak_memory` and `close`."""

    upgrade = "A newer llama-server may know it: update it the way it was installed."

    def __init__(self, plan: LoadPlan, program: Path, known: ServerHelp, unix_socket: bool) -> None:
        """Start it; returns while it loads. Raises EngineError."""
        wanted = flags(plan, known)  # before anything runs: it may refuse
        super().__init__(_SCRIPT, plan, unix_socket)
        self._program = program
        self._server_pid: int | None = None
        if unix_socket:
            path = self.folder / SOCKET
            self._address, place = f"unix://{quote(str(path))}", ["--host", str(path)]
        else:
            port = _free_port()
            self._address = f"http://127.0.0.1:{port}"
            place = ["--host", "127.0.0.1", "--port", str(port)]
        self.tell(
            {
                "command": [str(program), "--model", str(self.weights), *place, *wanted],
                # In the environment: a command line can be read by every user of the machine.
                "environment": {"LLAMA_API_KEY": self.key} if self.key else {},
                "folder": str(self.folder),
            }
        )

    @property
    def pid(self) -> int:
        """The server's process id; its keeper's before it has started."""
        return self._server_pid or self.process.pid

    def ready(self) -> Ready:
        """Wait until it has loaded. Raises ModelRefused, NotEnoughMemory or WorkerDied."""
        from freehold.engine.llama_http import LlamaServer

        self._hear_pid()
        started = time.perf_counter()
        server = LlamaServer(self._address, self.key, EngineError)
        pause = 0.005
        while not _answers(server):
            if self.process.poll() is not None:
                raise self._why_not()
            time.sleep(pause)
            pause = min(pause * 1.5, 0.05)
        now = time.perf_counter()
        return Ready(
            address=self._address,
            key=self.key,
            import_seconds=0.0,
            load_seconds=now - started,
            total_seconds=now - self.began,
        )

    def peak_memory(self) -> int:
        """The server's resident bytes: at their highest, or as of now where no system tells."""
        peak = super().peak_memory()
        return peak if peak >= 0 else _resident(self.pid)

    def close(self) -> None:
        """End it and remove its folder. Harmless twice."""
        if not self.closed and self.process.stdin is not None:
            with suppress(BrokenPipeError):  # it has ended already
                self.process.stdin.close()  # the keeper ends the server and then itself
        with suppress(subprocess.TimeoutExpired):  # then it is killed
            self.process.wait(timeout=10)
        super().close()

    def _hear_pid(self) -> None:
        said = self.hear()
        if said is None:
            raise self.death(f"starting {self._program.name}")
        if "broken" in said:
            raise EngineError(
                f"{self._program} cannot be started: {said['broken']}.",
                OTHER_ENGINE,
            )
        self._server_pid = int(said["pid"])

    def _why_not(self) -> EngineError:
        code = self.process.returncode
        if code < 0:
            return self.death(f"loading {self.model}")
        reason = self.log.reason() or ""
        if "invalid argument" in reason or "unknown argument" in reason:
            return EngineError(
                f"{self._program} does not know an option that Freehold gives it: {reason}.",
                OTHER_ENGINE,
            )
        return self.refusal(f"it left with exit code {code}")


def _answers(server: LlamaServer) -> bool:
    try:
        server.ask("/health")
    except EngineError:
        return False  # not listening yet, or still loading
    return True


def _free_port() -> int:
    """A port that was free a moment ago. Whoever takes it meanwhile doesn't have the key."""
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _resident(pid: int) -> int:
    import psutil

    memory = psutil.Process(pid).memory_info()
    return int(getattr(memory, "peak_wset", memory.rss))
