"""The parent's end of a worker: start it, hear whether it loaded, ask it things, explain its death.

It doesn't know HTTP. A worker gets a private folder (mode 0700) for its socket and its log, a
handful of environment variables, no open files of ours and no terminal.
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
from dataclasses import asdict, dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

from freehold.engine.interface import LoadPlan
from freehold.engine.worker_log import WorkerLog
from freehold.errors import EngineError, ModelRefused, NotEnoughMemory, WorkerDied

_SCRIPT = Path(__file__).with_name("worker.py")
_SOCKET = "s.sock"  # the ending tells llama-server that it is no host name
_SOCKET_PATH_LIMIT = 100  # the smallest system allows 104 bytes, with the final zero

# What a worker may see of our environment. No proxies, tokens or keys; no HOME to write to.
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
    """What a worker says when its model is loaded."""

    address: str
    """`unix:///path` or `http://127.0.0.1:port`."""
    key: str | None
    """What the server wants as a bearer token; None on a Unix socket."""
    import_seconds: float
    load_seconds: float
    total_seconds: float
    """From starting the process to hearing that it is ready."""


class WorkerProcess:
    """One worker, from start to end. Use `ready` once, then `peak_memory` and `close`."""

    def __init__(self, plan: LoadPlan, unix_socket: bool) -> None:
        """Start it and hand it the plan; returns while it loads. Raises EngineError."""
        self._model = plan.weights.name
        self._began = time.perf_counter()
        self._control = threading.Lock()
        self._closed = False
        where = packages()
        self._folder = _private_folder(unix_socket)
        self.log = WorkerLog(self._folder / "log")
        self._key = None if unix_socket else os.urandom(24).hex()
        try:
            self._process = _spawn(self._folder, self.log.path)
        except OSError as error:
            _clear(self._folder)
            raise EngineError(
                f"The engine's process cannot be started: {error.strerror}."
            ) from error
        self._send(
            asdict(plan)
            | {
                "weights": str(plan.weights.absolute()),
                "batch_threads": plan.batch_threads or plan.threads,
                "listen": str(self._folder / _SOCKET) if unix_socket else "127.0.0.1",
                "key": self._key,
                "packages": where,
                "folder": str(self._folder),
            }
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    @property
    def closed(self) -> bool:
        """Whether we have ended it ourselves."""
        return self._closed

    def ready(self) -> Ready:
        """Wait until it has loaded. Raises ModelRefused, NotEnoughMemory or WorkerDied."""
        said = self._hear()
        if said is None:
            raise self.death(f"loading {self._model}")
        if "broken" in said:
            raise EngineError(
                f"The llama.cpp binding cannot be used: {said['broken']}.",
                "Install it again: pip install --force-reinstall xllamacpp",
            )
        if "refused" in said:
            raise self._refusal(said["refused"])
        return Ready(
            address=said["address"],
            key=self._key,
            import_seconds=said["import_seconds"],
            load_seconds=said["load_seconds"],
            total_seconds=time.perf_counter() - self._began,
        )

    def peak_memory(self) -> int:
        """Resident bytes at their highest. Raises WorkerDied."""
        with self._control:
            self._send({"op": "peak_memory"})
            said = self._hear()
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

    def close(self) -> None:
        """End it and remove its folder. Harmless twice."""
        self._closed = True
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(BrokenPipeError):  # it never read what we last sent
                    pipe.close()
        _clear(self._folder)

    def _refusal(self, said: str) -> EngineError:
        self._ended()  # only then is the log complete
        if self.log.wants_memory() or said.startswith("MemoryError"):
            return NotEnoughMemory(
                f"There is not enough memory to load {self._model}: {self.log.reason() or said}.",
                _MEMORY_HINT,
            )
        reason = self.log.reason() or said
        if "HTTP server socket" in reason:
            return EngineError(f"The engine's process could not be reached: {reason}.")
        if "unknown model architecture" in reason:
            hint = "A newer xllamacpp may know it: pip install --upgrade xllamacpp"
        elif "template" in reason:
            hint = "Try another chat template, or another file of the same model."
        else:
            hint = "Check the file with `freehold verify`, or get another file of the same model."
        return ModelRefused(f"llama.cpp does not accept {self._model}: {reason}.", hint)

    def _ended(self) -> int | None:
        """The exit code of a worker that is on its way out; None when it stays."""
        try:
            return self._process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            return None

    def _last_words(self) -> str:
        words = self.log.last_words()
        return (
            f"The last it wrote: {words}" if words else "It left no message. Trying again is safe."
        )

    def _send(self, what: dict[str, Any]) -> None:
        pipe = _open(self._process.stdin)
        try:
            pipe.write(json.dumps(what).encode() + b"\n")
            pipe.flush()
        except (BrokenPipeError, ValueError):
            return  # it is gone, and the answer that doesn't come will say so

    def _hear(self) -> dict[str, Any] | None:
        try:
            line = _open(self._process.stdout).readline()
        except ValueError:  # closed by us
            return None
        return json.loads(line) if line.endswith(b"\n") else None


def _spawn(folder: Path, log: Path) -> subprocess.Popen[bytes]:
    # -I and -S: no site-packages to scan and nothing of the user's to run; half the start time.
    command = [sys.executable, "-I", "-S", str(_SCRIPT)]
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


def environment() -> dict[str, str]:
    """What a process of the engine's may know of ours."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _KEPT or name.startswith(_KEPT_PREFIXES)
    }
    return _CHOSEN | kept


def packages() -> str:
    """The folder that the binding is installed in, found without importing it."""
    found = find_spec("xllamacpp")
    if found is None or found.origin is None:
        raise EngineError(
            "The llama.cpp binding is not installed.", "Install it: pip install xllamacpp"
        )
    return str(Path(found.origin).parent.parent)


def _private_folder(short: bool) -> Path:
    """A folder that only we can enter; its path short enough for a socket in it."""
    name = f"freehold-{os.urandom(8).hex()}"
    wanted = os.environ.get("TMPDIR") or os.environ.get("TEMP") or "/tmp"  # noqa: S108
    places = [Path(wanted).absolute(), Path("/tmp")]  # noqa: S108
    if short:
        places = [
            place
            for place in places
            if len(os.fsencode(place / name / _SOCKET)) < _SOCKET_PATH_LIMIT
        ]
    for place in places:
        try:
            (place / name).mkdir(mode=0o700)
        except OSError as error:
            trouble = error
            continue
        return place / name
    raise EngineError(
        f"No folder for the engine can be made in {places[0]}: {trouble.strerror}.",
        "Set TMPDIR to a folder that you can write to.",
    )


def _clear(folder: Path) -> None:
    """Remove the private folder. The worker does the same: whoever is left does it."""
    try:
        for file in folder.iterdir():
            file.unlink(missing_ok=True)
        folder.rmdir()
    except FileNotFoundError:
        return


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
