"""Half an hour of everything at once: what is lost without an error, and what the memory does.

Clients ask in turn for streamed chats, whole chats, conversations that go on, texts, vectors, and
for things that are refused; some hang up in the middle, politely or not. At random moments a worker
of the server is killed. Each request must end as an answer, as an error in the protocol's shape, or
by our own hanging up; anything else is lost. The memory is the resident size of the server's own
process, without its workers, every five seconds: the median of the last tenth of the time against
that of the tenth that follows the warm-up. Time in which everything here is stopped (a machine that
sleeps) does not count. Linux only, as the workers are found by /proc.
"""

from __future__ import annotations

import argparse
import random
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from freehold.actions.starter import STARTER
from loaded_client import Asking, outcome
from measure import owned_home, report, serving

CLIENTS = 8
_SAMPLE_SECONDS = 5.0
_KILL_SECONDS = (15.0, 45.0)
_PAUSE_SECONDS = 1.0
_WARM_UP_MINUTES = 6.0


@dataclass
class Seen:
    """What happened so far. Counting is under a lock, since every client counts."""

    outcomes: Counter[str] = field(default_factory=Counter)
    lost: list[str] = field(default_factory=list)
    kills: Counter[str] = field(default_factory=Counter)
    memory: list[tuple[float, int, int]] = field(default_factory=list)
    """Seconds since the start, resident bytes, open files."""
    lock: threading.Lock = field(default_factory=threading.Lock)
    over: threading.Event = field(default_factory=threading.Event)

    def count(self, kind: str, ended: str) -> None:
        with self.lock:
            self.outcomes[f"{kind}: {ended}"] += 1
            if ended.startswith("lost"):
                self.lost.append(f"{time.strftime('%X')} {kind}: {ended}")


@contextmanager
def served(parallel: int, log: Path) -> Iterator[tuple[str, psutil.Process]]:
    """A server that owns the starter model: its address and its process."""
    with owned_home() as home, log.open("wb") as written:
        words = ["--parallel", str(parallel), "--context", "1024", "--queue", "16"]
        words += ["--rate", "1000000", "--keep", "100MB"]
        with serving(home, *words, log=written) as (address, process):
            yield address, psutil.Process(process)


def keep_asking(address: str, number: int, seen: Seen) -> None:
    """One client."""
    asking = Asking(address, random.Random(number))
    while not seen.over.wait(asking.random.uniform(0, _PAUSE_SECONDS)):
        kind, ended = asking.once()
        seen.count(kind, ended)


def keep_killing(server: psutil.Process, seen: Seen) -> None:
    """Kill a worker now and then, whatever it is doing."""
    chance = random.Random(0)
    while not seen.over.wait(chance.uniform(*_KILL_SECONDS)):
        workers = server.children()
        if workers:
            with suppress(psutil.NoSuchProcess):
                chance.choice(workers).kill()
                seen.kills["workers"] += 1


def keep_weighing(server: psutil.Process, minutes: float, seen: Seen) -> None:
    """Write down what the server's own process holds, until that many minutes have passed."""
    awake, last = 0.0, time.monotonic()
    while awake < 60 * minutes:
        seen.memory.append((awake, server.memory_info().rss, server.num_fds()))
        time.sleep(_SAMPLE_SECONDS)
        now = time.monotonic()
        awake += min(now - last, 2 * _SAMPLE_SECONDS)
        last = now
    seen.over.set()


def growth(memory: list[tuple[float, int, int]], warm_up: float) -> dict[str, object]:
    """The resident bytes after the warm-up and at the end, and what is between them."""
    whole = memory[-1][0]
    tenth = whole / 10
    after = [each for each in memory if warm_up <= each[0] < warm_up + tenth]
    last = [each for each in memory if each[0] >= whole - tenth]
    begin, end = (statistics.median(each[1] for each in part) for part in (after, last))
    return {
        "server_rss_at_start": memory[0][1],
        "server_rss_after_warm_up": int(begin),
        "server_rss_at_end": int(end),
        "growth_percent": round(100 * (end / begin - 1), 2),
        "open_files_after_warm_up": statistics.median(each[2] for each in after),
        "open_files_at_end": statistics.median(each[2] for each in last),
        "rss_mb_each_minute": [
            round(statistics.median(each[1] for each in memory if each[0] // 60 == minute) / 1e6, 1)
            for minute in range(int(whole // 60))
        ],
    }


def places_left(address: str) -> tuple[int, str]:
    """Places still taken when nobody asks any more, and how one last request ends."""
    last = Asking(address, random.Random(1))
    ended = "not asked"
    for _ in range(5):  # the first may meet a worker that was just killed
        ended = outcome(address, "/v1/chat/completions", last.chat(stream=False))
        if ended == "answered":
            break
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        taken = sum(each["busy"] + each["waiting"] for each in last.health()["models"])
        if not taken:
            return 0, ended
        time.sleep(0.5)
    return taken, ended


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument("--json", type=Path, metavar="FILE", help="keep the result here")
    parser.add_argument("--log", type=Path, help="keep the server's log here")
    args = parser.parse_args()
    seen = Seen()
    log = args.log or Path(tempfile.gettempdir()) / "mixed_load.log"
    with served(args.parallel, log) as (address, server):
        began = time.monotonic()
        tasks = [
            threading.Thread(target=keep_asking, args=(address, number, seen))
            for number in range(CLIENTS)
        ]
        tasks.append(threading.Thread(target=keep_killing, args=(server, seen)))
        tasks.append(threading.Thread(target=keep_weighing, args=(server, args.minutes, seen)))
        for task in tasks:
            task.start()
        for task in tasks:
            task.join()
        passed = (time.monotonic() - began) / 60
        taken, last = places_left(address)
    told = growth(seen.memory, 60 * min(_WARM_UP_MINUTES, args.minutes / 4))
    traces = log.read_text(encoding="utf-8", errors="replace").count("Traceback")
    figures: dict[str, object] = {
        "model": STARTER.title,
        "minutes": args.minutes,
        "minutes_with_those_asleep": round(passed, 1),
        "clients": CLIENTS,
        "parallel": args.parallel,
        "requests": sum(seen.outcomes.values()),
        "workers_killed": seen.kills["workers"],
        "lost_without_an_error": len(seen.lost),
        "lost": seen.lost[:20],
        "places_still_taken": taken,
        "last_request": last,
        "tracebacks_in_the_log": traces,
        **told,
        "outcomes": dict(sorted(seen.outcomes.items())),
    }
    met = not seen.lost and not taken and not traces and last == "answered"
    met = met and float(str(told["growth_percent"])) < 2
    bar = "0 lost without an error, server memory after warm-up grows by less than 2%"
    return report("mixed_load", bar, figures, args.json, met=met)


if __name__ == "__main__":
    sys.exit(main())
