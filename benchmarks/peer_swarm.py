"""One model from 1, 2 and 4 peers whose hubs give 20 MB/s each, and from 4 of which one is slow.

Real processes on loopback: `freehold share --limit` and `freehold get --peer`. The seconds are of
the whole command, with its start and the proof of the whole. Bar: 2 peers at least 1.8 times as
fast as one, 4 at least 3.4 times, 3 and a slow one at least 2.5 times; memory flat.
"""

from __future__ import annotations

import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from freehold.actions.get import get
from freehold.names import ModelRef
from freehold.settings import Settings
from freehold.store.store import Store
from measure import freehold, parser_of, report
from sending import big_model

RATE, SLOW = "20MB/s", "1MB/s"
CASES = {
    "1 peer": (RATE,),
    "2 peers": (RATE,) * 2,
    "4 peers": (RATE,) * 4,
    "3 and a slow one": (*(RATE,) * 3, SLOW),
}


def main() -> int:
    parser = parser_of(__doc__, pairs=3)
    parser.add_argument("--megabytes", type=int, default=400)
    args = parser.parse_args()
    taken: dict[str, list[tuple[float, float]]] = {case: [] for case in CASES}
    with tempfile.TemporaryDirectory() as name:
        home = owning(Path(name), args.megabytes)
        for _ in range(args.pairs):
            for case, limits in CASES.items():
                taken[case].append(one(home, limits, Path(name) / "new"))
    seconds = {case: statistics.median(took for took, _ in each) for case, each in taken.items()}
    memory = {case: round(max(most for _, most in each), 1) for case, each in taken.items()}
    faster = {case: round(seconds["1 peer"] / each, 2) for case, each in seconds.items()}
    return report(
        "peer_swarm",
        "2 peers 1.8x one, 4 peers 3.4x, 3 and a slow one 2.5x; memory within 20 MB",
        {
            "megabytes": args.megabytes,
            "limit_each": RATE,
            "limit_of_the_slow_one": SLOW,
            "median_s": {case: round(each, 2) for case, each in seconds.items()},
            "times_as_fast_as_1_peer": faster,
            "most_memory_mb": memory,
            "rounds": args.pairs,
        },
        args.json,
        met=faster["2 peers"] >= 1.8
        and faster["4 peers"] >= 3.4
        and faster["3 and a slow one"] >= 2.5
        and max(memory.values()) - memory["1 peer"] <= 20,
    )


def owning(folder: Path, megabytes: int) -> Path:
    """A home with the one model, which all peers share."""
    source, home = folder / "big.gguf", folder / "home"
    big_model(source, megabytes * 1_000_000)
    with Store.open(home) as store:
        get(store, Settings(home=home), ModelRef.parse(str(source)))
    source.unlink()
    return home


def one(home: Path, limits: Sequence[str], new: Path) -> tuple[float, float]:
    """One `freehold get` from so many peers: its seconds, and the most memory it had, in MB."""
    with ExitStack() as stack:
        places = [stack.enter_context(sharing(home, limit)) for limit in limits]
        words = [word for place in places for word in ("--peer", place)]
        environment = {**os.environ, "FREEHOLD_HOME": str(new)}
        os.sync()
        began = time.perf_counter()
        process = subprocess.Popen(
            freehold("get", "big", *words), env=environment, stderr=subprocess.DEVNULL
        )
        _, status, used = os.wait4(process.pid, 0)
        took = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
    shutil.rmtree(new)
    if process.returncode:
        raise SystemExit("`freehold get` failed: nothing was measured.")
    return took, used.ru_maxrss / 1000


@contextmanager
def sharing(home: Path, limit: str) -> Iterator[str]:
    """`freehold share` at a free port, held to a rate: its place."""
    command = freehold("share", "--all", "--port", "0", "--json", "--limit", limit)
    environment = {**os.environ, "FREEHOLD_HOME": str(home)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment
    ) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())["address"].removeprefix("http://")
        finally:
            process.terminate()


if __name__ == "__main__":
    sys.exit(main())
