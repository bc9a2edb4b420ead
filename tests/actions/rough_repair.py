"""Repairs killed at random moments, as a program of its own.

    python rough_repair.py repair FOLDER N
    python rough_repair.py protect FOLDER N

After each kill the model must be whole, or damaged just where it was and nowhere else; the next run
must finish. It prints counts and ends with an error at the first that is not so. Children are
forked, because that is a hundred times quicker than a start of Python.
"""

from __future__ import annotations

import os
import random
import signal
import statistics
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from tests.repairing import MIB, Damager, Repairs, noise
from tests.serving import FileServer

from freehold.actions.protect import protect
from freehold.store.model import FileState, NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store

SIZE = 24 * MIB + 999
BAD = (1, 4, 9, 10, 17, 24)
"""More than the parity of 10% can mend, so that some must be fetched."""


def protections(folder: Path, times: int) -> None:
    """Kills of `protect`: the parity is there and good, or not there, and the next run makes it."""
    home = folder / "home"
    model = own(home, folder, noise(SIZE), "https://localhost/m.gguf")
    counts: Counter[str] = Counter()
    chance = random.Random(4)

    def work() -> None:
        with Store.open(home) as store:
            protect(store, model, 10)

    lengths: list[float] = []
    for _ in range(times):
        with Store.open(home) as store:
            store.protection.remove(model.weights.digest)
        killed = forked(work, kill_after=chance.uniform(0, statistics.median(lengths or [0.2])))
        counts["killed" if killed else "had finished"] += 1
        with Store.open(home) as store:
            (parity,) = store.protection.check(model, Repairs(home).notes) or (None,)
            if parity is not None and not parity.ok:
                sys.exit(f"half a parity: {parity}")
            counts["parity was there" if parity else "no parity yet"] += 1
        began = time.monotonic()
        forked(work)
        lengths.append(time.monotonic() - began)
        finished(home, model)
    print(f"protect: {dict(counts)}")


def repairs(folder: Path, times: int) -> None:
    data = noise(SIZE)
    url, server = serve(data)
    try:
        home = folder / "home"
        model = own(home, folder, data, url)
        counts: Counter[str] = Counter()
        chance = random.Random(3)
        spoil(home, model, counts, gone=False)
        began = time.monotonic()
        forked(lambda: run(home))
        length = time.monotonic() - began
        for number in range(times):
            spoil(home, model, counts, gone=number % 5 == 4)
            killed = forked(lambda: run(home), kill_after=chance.uniform(0, length))
            counts["killed" if killed else "had finished"] += 1
            look(home, model, counts, gone=number % 5 == 4)
            forked(lambda: run(home))
            finished(home, model)
        print(f"repair: {dict(counts)}")
    finally:
        os.kill(server, signal.SIGKILL)
        os.waitpid(server, 0)


def serve(data: bytes) -> tuple[str, int]:
    """A server in a child, since whoever forks must have no threads: its address and its id."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        with FileServer() as server:
            os.write(writing, server.serve("/m.gguf", data).encode())
            os.close(writing)
            while True:
                time.sleep(60)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        return pipe.read(), child


def own(home: Path, folder: Path, data: bytes, url: str) -> OwnedModel:
    path = folder / "m.gguf"
    path.write_bytes(data)
    with Store.open(home) as store:
        record = store.add_file(path, move=True)
        file = OwnedFile("m.gguf", "weights", record.digest, record.size)
        model = store.add_model(NewModel("m", (file,), sightings=(Sighting.now(url),)))
        protect(store, model, 10)
    return model


def spoil(home: Path, model: OwnedModel, counts: Counter[str], *, gone: bool) -> None:
    with Store.open(home) as store:
        if gone:
            store.blob_path(model.weights.digest).unlink()
            counts["files deleted"] += 1
        else:
            Damager(store).flip(model, BAD)
            counts["chunks spoilt"] += len(BAD)


def run(home: Path) -> None:
    Repairs(home).repair("m")


def look(home: Path, model: OwnedModel, counts: Counter[str], *, gone: bool) -> None:
    """As good as new, or just as bad as before."""
    with Store.open(home) as store:
        (file,) = store.verify(model).files
        if file.ok:
            counts["whole after the kill"] += 1
        elif (file.state, file.bad_chunks) == (
            (FileState.MISSING, ()) if gone else (FileState.DAMAGED, BAD)
        ):
            counts["as damaged as before"] += 1
        else:
            sys.exit(f"worse than before: {file}")
        counts["left something to go on from"] += len(store.unfinished())


def finished(home: Path, model: OwnedModel) -> None:
    with Store.open(home) as store:
        if not store.verify(model).ok:
            sys.exit("the next run did not finish")
        parity = store.protection.check(model, Repairs(home).notes)
        if not all(each.ok for each in parity) or len(parity) != 1:
            sys.exit("the parity suffered")
        left = [work.key for work in store.unfinished()]
        blobs = list(home.glob("blobs/*/*"))
        if left or len(blobs) != 1:
            sys.exit(f"left over: {left} {blobs}")


def forked(work: Callable[[], None], kill_after: float | None = None) -> bool:
    """Do `work` in a child. Whether it was killed; a child that fails ends this program."""
    child = os.fork()
    if child == 0:
        try:
            work()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        sys.exit("a child failed: see above")
    return os.WIFSIGNALED(status)


if __name__ == "__main__":
    what = {"repair": repairs, "protect": protections}[sys.argv[1]]
    what(Path(sys.argv[2]), int(sys.argv[3]))
