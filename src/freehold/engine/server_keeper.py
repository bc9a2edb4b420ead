"""The child process that keeps a llama-server: start it, and end it when whoever asked for it goes.

llama-server itself would stay for ever if Freehold were killed. Run as a script by
`server_process.py` with the smallest Python there is, so it imports nothing of Freehold. It reads
one line of JSON, the command, from standard input; answers with the server's process id; then
answers control lines until standard input ends. When the server ends, it ends in the same way.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from typing import Any


def main() -> None:
    """Start, keep, clear up."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent to understand
    _leave_no_core_dump()
    plan = json.loads(sys.stdin.buffer.readline() or b"null")
    if plan is None:  # the parent changed its mind
        os._exit(0)
    try:
        server = subprocess.Popen(
            plan["command"],
            stdin=subprocess.DEVNULL,
            stdout=sys.stderr,
            stderr=sys.stderr,
            env=dict(os.environ, **plan["environment"]),
            restore_signals=False,  # it shall not hear Ctrl-C either
        )
    except OSError as error:
        _tell({"broken": error.strerror or str(error)})
        os._exit(1)
    _tell({"pid": server.pid})
    leaving = threading.Event()
    threading.Thread(target=_end_like, args=(server, leaving), daemon=True).start()
    for line in sys.stdin.buffer:
        _tell(_control(json.loads(line), server.pid))
    leaving.set()
    server.kill()
    server.wait()
    _clear(plan["folder"])
    os._exit(0)


def _end_like(server: subprocess.Popen[bytes], leaving: threading.Event) -> None:
    code = server.wait()
    if leaving.is_set():
        return  # it was we who ended it
    if code < 0:
        # To this very thread: one sent to the process may reach another, after we have left.
        signal.raise_signal(-code)
    os._exit(code)


def _control(request: dict[str, Any], pid: int) -> dict[str, Any]:
    if request.get("op") == "peak_memory":
        return {"bytes": _peak_memory(pid)}
    return {"error": f"no such operation: {request.get('op')}"}


def _peak_memory(pid: int) -> int:
    if sys.platform != "linux":
        return -1  # the parent has psutil to ask with
    with open(f"/proc/{pid}/status", "rb") as status:  # noqa: PTH123 - pathlib isn't loaded here
        for line in status:
            if line.startswith(b"VmHWM:"):
                return int(line.split()[1]) * 1024
    return 0  # it has ended and is about to be buried


def _leave_no_core_dump() -> None:
    """A crash must not write conversations to the disk."""
    if sys.platform != "win32":
        import resource

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _tell(what: dict[str, Any]) -> None:
    try:
        sys.stdout.buffer.write(json.dumps(what).encode() + b"\n")
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        return  # standard input will end, too


def _clear(folder: str) -> None:
    """Remove the private folder. The parent does the same: whoever is left does it."""
    try:
        for name in os.listdir(folder):  # noqa: PTH208 - pathlib isn't loaded here
            os.unlink(os.path.join(folder, name))  # noqa: PTH108, PTH118
        os.rmdir(folder)  # noqa: PTH106
    except OSError:
        return  # the parent was quicker, or will be


if __name__ == "__main__":
    main()
