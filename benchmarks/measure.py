"""What benchmarks share: the machine in words, paired ratios, a kept result, a server to ask.

Two things are compared by running them in turn, A B A B …, and taking the ratio pair by pair: a
machine whose speed drifts moves both halves of a pair alike.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from freehold.actions.get import get
from freehold.actions.starter import STARTER
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store

_HOME = Path(__file__).resolve().parent.parent / ".cache" / "benchmarks"


@dataclass(frozen=True)
class Pairs:
    """Seconds of A and of B, run in turn."""

    a: tuple[float, ...]
    b: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The median of A over B, pair by pair: below 1 means that A took less time."""
        return statistics.median(a / b for a, b in zip(self.a, self.b, strict=True))

    @property
    def medians(self) -> tuple[float, float]:
        """The median seconds of A and of B."""
        return statistics.median(self.a), statistics.median(self.b)


def in_turn(
    a: Callable[[], float],
    b: Callable[[], float],
    pairs: int,
    warm_up: int = 1,
    *,
    alternate: bool = False,
) -> Pairs:
    """Run A and B in turn; each returns the figure to keep. Warm-ups are thrown away.

    With `alternate` B goes first in every second pair: for runs that leave something behind, such
    as pages to be written to the disk, which the next one pays for.
    """
    for _ in range(warm_up):
        a()
        b()
    kept = []
    for turn in range(pairs):
        if alternate and turn % 2:
            second, first = b(), a()
        else:
            first, second = a(), b()
        kept.append((first, second))
    return Pairs(tuple(x for x, _ in kept), tuple(y for _, y in kept))


def seconds(command: Sequence[str | Path], **options: Any) -> float:
    """Run a command as a whole process and return its wall time."""
    began = time.perf_counter()
    subprocess.run(
        [str(word) for word in command], check=True, stdout=subprocess.DEVNULL, **options
    )
    return time.perf_counter() - began


def machine() -> dict[str, object]:
    """This machine, in the words that matter for a timing."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "memory_bytes": _memory(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "date": time.strftime("%Y-%m-%d"),
    }


def report(
    name: str, bar: str, figures: dict[str, object], where: Path | None, *, met: bool
) -> int:
    """Print a result with the machine it was measured on, keep it if asked, return an exit code."""
    result = {"benchmark": name, "bar": bar, "met": met, "machine": machine(), "figures": figures}
    text = json.dumps(result, indent=2)
    print(text)
    if where is not None:
        where.parent.mkdir(parents=True, exist_ok=True)
        where.write_text(text + "\n", encoding="utf-8")
    return 0 if met else 1


def parser_of(doc: str | None, pairs: int) -> argparse.ArgumentParser:
    """The options that every benchmark has: how many pairs, and where to keep the result."""
    parser = argparse.ArgumentParser(description=doc)
    parser.add_argument("--pairs", type=int, default=pairs)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    return parser


def arguments(doc: str | None, pairs: int) -> argparse.Namespace:
    """Those options alone."""
    return parser_of(doc, pairs).parse_args()


def starter() -> Path:
    """The file of the starter model, fetched once by Freehold itself."""
    with Store.open(_HOME) as store:
        model = get(store, Settings(home=_HOME), STARTER.ref).model
        return store.blob_path(model.weights.digest)


@contextmanager
def owned_home() -> Iterator[Path]:
    """A store of its own that owns the starter model alone."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        copy = home / f"{STARTER.title}.gguf"
        shutil.copyfile(starter(), copy)
        with Store.open(home / "store") as store:
            get(store, Settings(home=home / "store"), ModelRef.parse(str(copy)))
        copy.unlink()
        yield home / "store"


@contextmanager
def serving(home: Path, *words: str, log: IO[bytes] | None = None) -> Iterator[tuple[str, int]]:
    """`freehold serve` of what a home owns, on a free port: its address and its process's number.

    What it says goes to `log`, or to our own standard error.
    """
    command = freehold("serve", "--port", "0", "--json", *words)
    environment = {**os.environ, "FREEHOLD_HOME": str(home)}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log, env=environment) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"], process.pid
        finally:
            process.terminate()


def ask(address: str, path: str, body: object = None) -> Any:
    """One request to a server, whole: a GET, or a POST of a JSON body."""
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(address + path, data)
    with urllib.request.urlopen(request, timeout=600) as answer:
        return json.load(answer)


def freehold(*words: str) -> list[str]:
    """The command line that starts the freehold under test."""
    installed = Path(sys.executable).with_name("freehold")
    return (
        [str(installed), *words]
        if installed.exists()
        else [sys.executable, "-m", "freehold", *words]
    )


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass  # not Linux: Python's own word for it will do
    return platform.processor() or platform.machine()


def _memory() -> int:
    import psutil

    return int(psutil.virtual_memory().total)
