"""What compiling the engine for this processor takes, and what it gives over the bundled one.

`--build` runs `freehold engine build` as a user would, in an empty store, and keeps the time, the
processor time, the most disk and the most memory of one compiler. Without it, the engine that was
built then is measured against the bundled one, in turn: seconds to read a prompt and to write an
answer, each load a new process. Bar: the built engine loses nothing (at least 0.98x each).
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import psutil

from freehold.actions.engines import built_engines, engine_for
from freehold.actions.starter import STARTER
from freehold.engine.interface import Engine, Finished, LoadPlan, Sampling, TextRequest
from freehold.settings import Settings
from measure import Pairs, freehold, machine, starter

_HOME = Path(__file__).resolve().parent.parent / ".cache" / "benchmarks" / "engine-build"
_PROMPT = "The lighthouse keeper wrote down the weather, the ships and the birds of the day. " * 24
_TOKENS = 64


class Watch(threading.Thread):
    """Samples the disk that a folder takes and the memory of the compilers below a process."""

    def __init__(self, process: psutil.Process, folder: Path) -> None:
        super().__init__(daemon=True)
        self._process, self._folder = process, folder
        self.disk = self.memory = self.compilers = 0

    def run(self) -> None:
        while self._process.is_running() and self._process.status() != psutil.STATUS_ZOMBIE:
            self.disk = max(self.disk, _size(self._folder))
            sizes = _compilers(self._process)
            self.memory = max(self.memory, *sizes, 0)
            self.compilers = max(self.compilers, len(sizes))
            time.sleep(0.5)


def _size(folder: Path) -> int:
    total = 0
    for place, _, files in os.walk(folder):  # what vanishes meanwhile is passed over
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_blocks * 512  # noqa: PTH118
            except OSError:
                continue
    return total


def _compilers(process: psutil.Process) -> list[int]:
    sizes = []
    for child in process.children(recursive=True):
        try:
            if child.name() in {"cc1", "cc1plus", "clang", "clang++"}:
                sizes.append(int(child.memory_info().rss))
        except psutil.NoSuchProcess:
            continue
    return sizes


def build(arguments: list[str]) -> dict[str, object]:
    """One build, watched."""
    before = psutil.Process().cpu_times()
    began = time.perf_counter()
    command = [*freehold("engine", "build", "--yes", "--json"), *arguments]
    home = {"FREEHOLD_HOME": str(_HOME)}

    with subprocess.Popen(command, stdout=subprocess.PIPE, env={**os.environ, **home}) as process:
        watch = Watch(psutil.Process(process.pid), _HOME)
        watch.start()
        said, _ = process.communicate()
    if process.returncode:
        raise SystemExit(process.returncode)
    after = psutil.Process().cpu_times()
    record = json.loads(said)
    children = after.children_user + after.children_system
    return {
        "seconds": round(time.perf_counter() - began, 1),
        "processor_seconds": round(children - before.children_user - before.children_system, 1),
        "most_disk_bytes": watch.disk,
        "most_memory_of_one_compiler_bytes": watch.memory,
        "compilers_at_once": watch.compilers,
        "size_bytes": record["size"],
        "version": record["version"],
        "compiler": record["compiler"],
        "instruction_sets": record["instructions"],
    }


def measure(engine: Engine) -> tuple[float, float]:
    """Seconds a prompt token, and seconds an answer token, of one fresh load."""
    request = TextRequest(_PROMPT, Sampling(temperature=0.0, seed=1, max_tokens=_TOKENS))
    with engine.load(LoadPlan(starter(), 1024)) as model:
        list(model.complete(TextRequest("Warm.", Sampling(seed=1, max_tokens=4))))
        end = list(model.complete(request))[-1]
    assert isinstance(end, Finished)
    usage = end.usage
    return usage.prompt_seconds / usage.prompt_tokens, usage.answer_seconds / usage.answer_tokens


def compare(pairs: int) -> tuple[dict[str, object], bool]:
    """The built engine and the bundled one, in turn."""
    settings = Settings(home=_HOME)
    built, bundled = engine_for(settings, "built"), engine_for(settings, "bundled")
    measure(built)
    measure(bundled)
    kept = [(measure(built), measure(bundled)) for _ in range(pairs)]
    figures: dict[str, object] = {"model": STARTER.title, "pairs": pairs}
    met = True
    for place, name in enumerate(("prefill", "decode")):
        runs = Pairs(tuple(a[place] for a, _ in kept), tuple(b[place] for _, b in kept))
        figures[f"{name}_built_tokens_per_s"] = round(1 / runs.medians[0], 1)
        figures[f"{name}_bundled_tokens_per_s"] = round(1 / runs.medians[1], 1)
        figures[f"{name}_ratio"] = round(1 / runs.ratio, 3)
        met = met and 1 / runs.ratio >= 0.98
    return figures, met


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build", action="store_true", help="build, and keep what that took")
    parser.add_argument("--from", dest="source", help="with --build: a source package")
    parser.add_argument("--pairs", type=int, default=9)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    args = parser.parse_args()
    kept: dict[str, Any] = {"benchmark": "engine_build", "bar": "at least 0.98x each"}
    if args.json is not None and args.json.exists():
        kept = json.loads(args.json.read_text())
    if args.build:
        kept["build"] = build(["--from", args.source] if args.source else [])
        kept["build"]["machine"] = machine()
    else:
        kept["figures"], kept["met"] = compare(args.pairs)
        kept["machine"] = machine()
        record = built_engines(Settings(home=_HOME)).record()
        kept["built"] = asdict(replace(record, folder="")) if record else None
    text = json.dumps(kept, indent=2)
    print(text)
    if args.json is not None:
        args.json.write_text(text + "\n", encoding="utf-8")
    return 0 if kept.get("met", True) else 1


if __name__ == "__main__":
    sys.exit(main())
