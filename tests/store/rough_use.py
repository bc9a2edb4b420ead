"""Rough use of a store, as a program of its own: kills, and several processes at once.

    python rough_use.py steps FOLDER     kills at every step that touches the disk, one by one
    python rough_use.py random FOLDER N  kills at N random moments
    python rough_use.py full FOLDER      a disk that is full at every moment; FOLDER is that disk
    python rough_use.py rivals FOLDER N  two processes get, copy, verify and remove the same N times

After each kill the store must open, be clean, and let the next run finish. It prints counts, and
ends with an error at the first store that does not. Children are forked, because a fork is a
hundred times quicker than a start of Python; the parent never has threads when it forks.
"""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import time
import traceback
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any, NoReturn

from freehold.errors import NotEnoughSpace, NotOwned
from freehold.names import Digest
from freehold.store.durable import storage_errors
from freehold.store.model import FileState, NewModel, OwnedFile
from freehold.store.store import Store

# What the interpreter announces before it does it, and what can leave something half done.
STEPS = {"open", "os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.chmod", "sqlite3.connect"}

DATA = {name: random.Random(name).randbytes(1_500_000) for name in ("one", "two")}
README = b"shared by both"


def get(home: Path, name: str, pause: Callable[[], None] = lambda: None) -> None:
    """What `freehold get` does with a store: stage, prove, own, discard."""
    with Store.open(home) as store, store.staging(f"get {name}") as work:
        files = [own(store, work.path("weights"), "weights", DATA[name])]
        pause()
        files.append(own(store, work.path("readme"), "document", README))
        store.add_model(NewModel(name, tuple(files)))
        work.discard()


def own(store: Store, path: Path, role: str, data: bytes) -> OwnedFile:
    digest = Digest(hashlib.sha256(data).hexdigest())
    record = store.keep(digest)
    if record is None:
        with storage_errors("stage it"):
            path.write_bytes(data)
        record = store.add_file(path, digest, move=True)
    return OwnedFile(path.name, role, digest, record.size)


def remove(home: Path, name: str) -> None:
    with Store.open(home) as store:
        store.remove(store.find(name))


def copy_in(home: Path, source: Path) -> None:
    """What adding a file of the user's does: copy, prove, own."""
    with Store.open(home) as store:
        record = store.add_file(source, None, move=False)
        file = OwnedFile("weights", "weights", record.digest, record.size)
        store.add_model(NewModel("one", (file,)))


def die_at(step: int, home: Path) -> Callable[[str, tuple[Any, ...]], None]:
    """An audit hook that kills this process before the step-th thing it does in `home`."""
    done = 0

    def hook(event: str, args: tuple[Any, ...]) -> None:
        nonlocal done
        if event not in STEPS or not args or not str(args[0]).startswith((str(home), "file:")):
            return
        if event == "sqlite3.connect" and not str(args[0]).endswith("mode=rwc"):
            return
        if event == "open" and args[1] in ("r", "rb") and not (args[2] or 0) & os.O_WRONLY:
            return
        done += 1
        if done > step:
            os.kill(os.getpid(), signal.SIGKILL)

    return hook


def alone(work: Callable[[], None]) -> NoReturn:
    """Do `work` in a forked child and end it, whatever happens."""
    code = 1
    try:
        work()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        os._exit(code)


def forked(work: Callable[[], None], kill_after: float | None = None) -> bool:
    """Do `work` in a child. Whether the child was killed; a child that fails ends this program."""
    child = os.fork()
    if child == 0:
        alone(work)
    if kill_after is not None:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0:
        sys.exit("a child failed: see above")
    return os.WIFSIGNALED(status)


def check(home: Path, counts: Counter[str]) -> None:
    """The store opens, all it says it owns is good, and what is left over is named."""
    with Store.open(home) as store:
        reports = store.verify_all()
        bad = [report for report in reports if not report.ok]
        if bad:
            sys.exit(f"owned but not good: {bad}")
        counts["models owned"] += len(reports)
        counts["unfinished work named"] += len(store.unfinished())
        used = {file.digest.hex for model in store.models() for file in model.files}
        blobs = {path.name for path in home.glob("blobs/*/*")}
        if not used <= blobs:
            sys.exit("a model without its bytes")
        counts["blobs waiting to be used"] += len(blobs - used)


def finish(home: Path) -> None:
    """The next run does what the killed one was at, and leaves nothing over."""
    get(home, "one")
    with Store.open(home) as store:
        if not all(report.ok for report in store.verify_all()) or not store.models():
            sys.exit("the next run did not finish")
        for model in store.models():
            store.remove(model)
        store.collect(store.plan_collection(timedelta(0)))
        left = (
            list((home / "staging").iterdir())
            + list(home.glob("blobs/*/*"))
            + list(home.glob("records/*.json"))
        )
        if left or store.models():
            sys.exit(f"left over: {left}")


def every_step(folder: Path) -> None:
    source = folder / "source"
    source.write_bytes(DATA["one"])
    for what in ("get", "copy", "remove", "remove one of two"):
        counts: Counter[str] = Counter()
        step = 0
        while True:
            home = folder / f"{what}-{step}"
            if what.startswith("remove"):
                get(home, "one")
            if what == "remove one of two":
                get(home, "two")

            def work(home: Path = home, step: int = step, what: str = what) -> None:
                sys.addaudithook(die_at(step, home))
                match what.split()[0]:
                    case "get":
                        get(home, "one")
                    case "copy":
                        copy_in(home, source)
                    case "remove":
                        remove(home, "one")

            if not forked(work):
                break
            check(home, counts)
            finish(home)
            shutil.rmtree(home)
            step += 1
        print(f"{what}: killed at each of {step} steps; then found: {dict(counts)}")


def random_moments(folder: Path, times: int) -> None:
    home, counts, chance = folder / "home", Counter[str](), random.Random(0)

    def work() -> None:
        while True:
            for name in DATA:
                get(home, name)
            for name in DATA:
                remove(home, name)

    for _ in range(times):
        if not forked(work, kill_after=chance.uniform(0.0, 0.12)):
            sys.exit("the child was not killed")
        check(home, counts)
        finish(home)
    print(f"killed at {times} random moments; then found: {dict(counts)}")


def rivals(folder: Path, times: int) -> None:
    home, source = folder / "home", folder / "source"
    source.write_bytes(DATA["one"])
    children = []
    for seed in (1, 2):
        child = os.fork()
        if child == 0:
            alone(partial(rival, home, source, seed, times))
        children.append(child)
    statuses = [os.waitpid(child, 0)[1] for child in children]
    if any(statuses):
        sys.exit("a rival failed: see above")
    check(home, Counter())
    finish(home)
    if left := list((home / "staging").iterdir()):
        sys.exit(f"left over: {left}")


def rival(home: Path, source: Path, seed: int, times: int) -> None:
    chance, counts = random.Random(seed), Counter[str]()
    for _ in range(times):
        what, name = chance.choice(("get", "copy", "remove", "verify")), chance.choice([*DATA])
        try:
            match what:
                case "get":
                    get(home, name)
                case "copy":
                    copy_in(home, source)
                case "remove":
                    remove(home, name)
                case "verify":
                    verify(home)
            counts[what] += 1
        except NotOwned:  # the other one removed it first, or nobody has got it yet
            counts[f"{what}: not owned"] += 1
    print(dict(counts), flush=True)


def full_disk(folder: Path) -> None:
    """`folder` is a small disk of its own: fill it to every 64 kB below what a get needs."""
    home, filler, counts = folder / "home", folder / "filler", Counter[str]()
    for room in range(0, 2_000_000, 64_000):
        filler.write_bytes(bytes(shutil.disk_usage(folder).free - room))
        try:
            get(home, "one")
            counts["enough"] += 1
        except NotEnoughSpace:
            counts["too little"] += 1
        filler.write_bytes(b"")
        check(home, counts)
        finish(home)
        shutil.rmtree(home)
    print(f"room from 0 to 2 MB: {dict(counts)}")


def verify(home: Path) -> None:
    with Store.open(home) as store:
        for report in store.verify_all():
            # got again in the middle of being read is all that may look wrong
            bad = [file for file in report.files if not file.ok]
            if any(file.state is not FileState.MISSING for file in bad):
                sys.exit(f"found damaged: {bad}")


if __name__ == "__main__":
    match sys.argv[1]:
        case "steps":
            every_step(Path(sys.argv[2]))
        case "random":
            random_moments(Path(sys.argv[2]), int(sys.argv[3]))
        case "full":
            full_disk(Path(sys.argv[2]))
        case "rivals":
            rivals(Path(sys.argv[2]), int(sys.argv[3]))
