"""A process of the engine's as we see it: start it, ask it things, explain its death.

Two kinds of guests stand on this: the worker that holds the llama.cpp binding, and the keeper of a
llama-server. Both are scripts that hear lines of JSON on standard input, the plan first, answer on
standard output, and go when standard input ends. A guest gets a private folder for its socket and
its log, a handful of environment variables, no open files of ours and no terminal.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from freehold.engine.load_plan import LoadPlan
from freehold.engine.private_folder import clear_private_folder, make_private_folder
from freehold.engine.split_links import weights_for_engine
from freehold.engine.worker_log import WorkerLog
from freehold.errors import EngineError, ModelRefused, NotEnoughMemory, WorkerDied

# What a guest may see of our environment. No proxies, tokens or keys; no HOME to write to.
_KEPT = {"PATH", "TMPDIR", "TEMP", "TMP", "SYSTEMROOT", "LANG", "LC_ALL", "LD_LIBRARY_PATH",
         "DYLD_LIBRARY_PATH", "LD_PRELOAD"}  # fmt: skip
_KEPT_PREFIXES = ("GGML_", "OMP_", "GOMP_", "CUDA_", "HIP_", "ROCR_", "VK_")

# What it gets unless we were told otherwise. A crash must not call a debugger. And its threads
# must not spin for long where they wait for each other: beside another busy program on two cores
# the default made answers about half as fast. Less than this costs speed on an idle machine.
_CHOSEN = {"GGML_NO_BACKTRACE": "1", "GOMP_SPINCOUNT": "10000"}

_DEATHS = {
    "SIGKILL": "it was killed: the system may have run out of memory",
    "SIGABRT": "it gave up on an error of its own (SIGABRT)",
    "SIGSEGV": "it reached for memory that is not its own (SIGSEGV)",
    "SIGBUS": "the model file could no longer be read (SIGBUS); its disk may be gone",
    "SIGILL": "this processor lacks an instruction it was built with (SIGILL)",
    "SIGTERM": "it was told to end (SIGTERM)",
}
_MEMORY_HINT = (
    "Close other programs, choose a smaller --context, or a smaller model or quantization."
)


@dataclass(frozen=True)
class Ready:
    """What is known once a model is loaded."""

    address: str
    """`unix:///path` or `http://127.0.0.1:port`."""
    key: str | None
    """What the server wants as a bearer token; None on a Unix socket."""
    import_seconds: float
    load_seconds: float
    total_seconds: float
    """From starting the process to hearing that it is ready."""


class Guest:
    """One process, from start to end."""

    upgrade = "A newer engine may know it."
    """What to try when a model's architecture is unknown."""

    def __init__(self, script: Path, plan: LoadPlan, unix_socket: bool) -> None:
        """Start `script`; it waits to be told. `weights` is the file that it is to load.

        Raises EngineError.
        """
        self.model = plan.weights.name
        self.began = time.perf_counter()
        self._control = threading.Lock()
        self._closed = False
        self.folder = make_private_folder(unix_socket)
        self.log = WorkerLog(self.folder / "log")
        self.key = None if unix_socket else os.urandom(24).hex()
        try:
            self.weights = weights_for_engine(plan, self.folder)
            self.process = _spawn(script, self.folder, self.log.path)
        except OSError as error:
            clear_private_folder(self.folder)
            raise EngineError(
                f"The engine's process cannot be started: {error.strerror}."
            ) from error
        except EngineError:
            clear_private_folder(self.folder)
            raise

    @property
    def pid(self) -> int:
        """The process id."""
        return self.process.pid

    @property
    def closed(self) -> bool:
        """Whether we have ended it ourselves."""
        return self._closed

    def alive(self) -> bool:
        """Whether the process is still there."""
        return not self._closed and self.process.poll() is None

    def peak_memory(self) -> int:
        """Resident bytes at their highest. Raises WorkerDied."""
        with self._control:
            self.tell({"op": "peak_memory"})
            said = self.hear()
        if said is None:
            raise self.death("being asked for its memory")
        return int(said["bytes"])

    def death(self, doing: str) -> EngineError:
        """Why it stopped answering while `doing` something, as an error to raise."""
        if self._closed:
            return EngineError("The model has been closed.")
        code = self._ended()
        if code is None:
            return EngineError(f"The engine broke off while {doing}.", self._last_words())
        if self.log.wants_memory():
            return NotEnoughMemory(f"The memory ran out while {doing}.", _MEMORY_HINT)
        words = _death_in_words(code)
        return WorkerDied(f"The engine's process ended while {doing}: {words}.", self._last_words())

    def refusal(self, said: str) -> EngineError:
        """Why it did not load the model, as an error to raise; `said` where the log is silent."""
        self._ended()  # only then is the log complete
        if self.log.wants_memory() or said.startswith("MemoryError"):
            return NotEnoughMemory(
                f"There is not enough memory to load {self.model}: {self.log.reason() or said}.",
                _MEMORY_HINT,
            )
        reason = self.log.reason() or said
        if "HTTP server socket" in reason:
            return EngineError(f"The engine's process could not be reached: {reason}.")
        if "unknown model architecture" in reason:
            hint = self.upgrade
        elif "template" in reason:
            hint = "Try another chat template, or another file of the same model."
        else:
            hint = "Check the file with `freehold verify`, or get another file of the same model."
        return ModelRefused(f"llama.cpp does not accept {self.model}: {reason}.", hint)

    def close(self) -> None:
        """End it and remove its folder. Harmless twice."""
        self._closed = True
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # it never read what we last sent
                    pipe.close()
        clear_private_folder(self.folder)

    def tell(self, what: dict[str, Any]) -> None:
        """Send one line."""
        pipe = _open(self.process.stdin)
        try:
            pipe.write(json.dumps(what).encode() + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError):
            return  # it is gone, and the answer that doesn't come will say so

    def hear(self) -> dict[str, Any] | None:
        """Wait for one line; None when it ends first."""
        try:
            line = _open(self.process.stdout).readline()
        except ValueError:  # closed by us
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def _ended(self) -> int | None:
        """The exit code of a guest that is on its way out; None when it stays."""
        try:
            return self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def _last_words(self) -> str:
        words = self.log.last_words()
        return (
            f"The last it wrote: {words}" if words else "It left no message. Trying again is safe."
        )


def environment() -> dict[str, str]:
    """What a process of the engine's may know of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return _CHOSEN | kept


def _spawn(script: Path, folder: Path, log: Path) -> subprocess.Popen[bytes]:
    # -I and -S: no site-packages to scan and nothing of the user's to run; half the start time.
    command = [sys.executable, "-I", "-S", str(script)]
    windows = sys.platform == "win32"
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
    with log.open("xb") as output:
        return subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=output,
            cwd=None if windows else folder,
            env=environment(),
            start_new_session=not windows,
            creationflags=flags,
        )


def _death_in_words(code: int) -> str:
    if code >= 0:
        return f"it left with exit code {code if code < 256 else hex(code)}"
    try:
        name = signal.Signals(-code).name
    except ValueError:
        return f"signal {-code}"
    return _DEATHS.get(name, f"signal {name}")


def _open(pipe: IO[bytes] | None) -> IO[bytes]:
    if pipe is None:
        raise EngineError("The engine's process has no control channel.")
    return pipe
