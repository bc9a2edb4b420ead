"""pip, run as the command it is, in a process of its own that can be watched and stopped."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from freehold.errors import EngineError

_TELLING = re.compile(r"\w*error\b *:|cmake error|fatal|not found|no such file", re.IGNORECASE)
_EMPTY = re.compile(
    r"subprocess-exited-with-error|did not run successfully|failed (building|to build)"
    r"|metadata-generation-failed|legacy-install|werror|this error originates|0 errors?"
    r"|make: \*\*\*|make\[\d+\]: \*\*\*|exit code|is likely not a problem with pip"
    r"|finished with status|full command:|cwd:|see above for output",
    re.IGNORECASE,
)
_LAST = 3


def run_pip(
    words: Sequence[str],
    log: Path,
    settings: dict[str, str],
    heard: Callable[[str], None],
    doing: str,
) -> None:
    """Run `pip WORDS` with `settings` in the environment; each line goes to `log` and `heard`.

    Whatever ends the wait (Ctrl-C too) ends pip and everything it started. Raises EngineError with
    the first telling line when it fails.
    """
    lines: list[str] = []
    with log.open("a", encoding="utf-8", buffering=1) as written:  # a line at once
        written.write(f"$ pip {' '.join(words)}\n")
        process = _start(words, settings)
        try:
            for raw in process.stdout or ():
                line = raw.decode("utf-8", "replace").rstrip()
                written.write(line + "\n")
                lines.append(line)
                heard(line.strip())
            code = process.wait()
        except BaseException:
            _end(process)
            raise
        finally:
            if process.stdout is not None:
                process.stdout.close()
    if code:
        raise EngineError(
            f"{doing} failed: {_reason(lines)}",
            f"The last it wrote: {' / '.join(_last(lines))}\nAll of it is in {log}",
        )


def _start(words: Sequence[str], settings: dict[str, str]) -> subprocess.Popen[bytes]:
    own = {"PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1", "PYTHONUNBUFFERED": "1",
           "PIP_NO_CACHE_DIR": "1"}  # fmt: skip
    # No cache: pip would take up again, and for ever, what it compiled with other settings.
    return subprocess.Popen(
        [sys.executable, "-m", "pip", *words],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        env={**os.environ, **own, **settings},
        start_new_session=sys.platform != "win32",  # Ctrl-C is for us to understand
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    import psutil

    try:
        family = psutil.Process(process.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    process.kill()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue
    process.wait()
    psutil.wait_procs(family, timeout=10)


def _reason(lines: list[str]) -> str:
    telling = (line.strip() for line in lines if _TELLING.search(line) and not _EMPTY.search(line))
    reason = next(telling, "it gave no reason").removeprefix("ERROR: ")
    return reason if reason.endswith(".") else f"{reason}."


def _last(lines: list[str]) -> list[str]:
    said = (line.strip() for line in lines if re.search(r"[A-Za-z]{3}", line))
    said = (line for line in said if not _EMPTY.search(line))
    return [line[:200] for line in deque(said, maxlen=_LAST)]
