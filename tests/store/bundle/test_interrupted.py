"""Imports and exports that are killed, or meet a full disk: the next one finishes."""

from __future__ import annotations

import contextlib
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from freehold.actions.export import export
from freehold.actions.import_bundle import import_bundle
from freehold.errors import NotEnoughSpace, StorageError
from freehold.store.store import Store

KILLS = 30

# Forks a fresh process for each line of standard input, so that only the first one pays for the
# imports; says its number, waits for it, and says how it ended.
RUNNER = """
import os, sys
from pathlib import Path
from freehold.actions.export import export
from freehold.actions.import_bundle import import_bundle
from freehold.store.store import Store
import freehold.store.bundle.take, freehold.store.bundle.write, filelock, sqlite3

def work(kind, home, file):
    with Store.open(Path(home)) as store:
        if kind == "import":
            import_bundle(store, Path(file))
        else:
            export(store, store.models(), Path(file), split=300_000)

for line in sys.stdin:
    pid = os.fork()
    if pid == 0:
        work(*line.rstrip("\\n").split("|"))
        os._exit(0)
    print(pid, flush=True)
    print(os.waitpid(pid, 0)[1], flush=True)
"""


class Runner:
    """Starts work in processes of its own and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", RUNNER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def kill(self, delay: float, *words: object) -> bool:
        """Start the work, kill it after `delay` seconds. Whether it was still at it."""
        process = self._process
        assert process.stdin
        assert process.stdout
        process.stdin.write("|".join(map(str, words)) + "\n")
        process.stdin.flush()
        pid = int(process.stdout.readline())
        time.sleep(delay)
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
        return int(process.stdout.readline()) != 0

    def close(self) -> None:
        self._process.communicate()


@pytest.fixture
def runner() -> Iterator[Runner]:
    """Starts and kills; only where processes can fork."""
    if not hasattr(os, "fork"):
        pytest.skip("processes don't fork here")
    made = Runner()
    yield made
    made.close()


@pytest.fixture
def large_bundle(
    shelf: Store, tmp_path: Path, own_model: Callable[..., Any], make_gguf: Callable[..., bytes]
) -> Path:
    """12 MB, so that there is something to be interrupted."""
    own_model(shelf, tmp_path / "files", "delta", make_gguf("Delta", 2_500_000, seed=9))
    path = tmp_path / "large.tar"
    export(shelf, shelf.models(), path)
    return path


def test_killed_imports_are_finished_by_the_next(
    large_bundle: Path, shelf: Store, tmp_path: Path, runner: Runner
) -> None:
    dice, home = random.Random(5), tmp_path / "home"
    killed = finished = resumed = 0
    limit = 0.3  # seconds; less, the quicker this machine is
    while killed < KILLS:
        if runner.kill(dice.uniform(0, limit), "import", home, large_bundle):
            killed += 1
        else:
            limit *= 0.8
        with Store.open(home) as store:
            assert all(report.ok for report in store.verify_all())
            resumed += any(work.size for work in store.unfinished())
            if len(store.models()) == 3:
                finished += 1
                for model in store.models():
                    store.remove(model)
    with Store.open(home) as store:
        done = import_bundle(store, large_bundle)
        assert {got.model.id for got in done.models} == {m.id for m in shelf.models()}
        assert all(report.ok for report in store.verify_all())
        assert store.unfinished() == []
    print(f"{killed} imports killed, {resumed} left work to go on with, "
          f"{finished} others finished; the last one did")  # fmt: skip


def test_a_killed_import_is_gone_on_with(
    large_bundle: Path, elsewhere: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was copied is not copied again: only what is missing is read from the bundle."""
    from freehold.formats.file_window import FileWindow
    from freehold.store.bundle.read import Bundle

    with Bundle.open(large_bundle) as bundle:
        key = bundle.key
        weights = next(m for m in bundle.models if m.name == "delta").files[0]
        with bundle.blob(weights.digest) as window:
            half = window.read(5_000_000)
    assert half is not None
    with elsewhere.staging(key) as work:
        work.path(weights.digest.hex).write_bytes(half)
    read: list[int] = []
    seek = FileWindow.seek

    def watched(self: FileWindow, offset: int, whence: int = 0) -> int:
        read.append(offset)
        return seek(self, offset, whence)

    monkeypatch.setattr(FileWindow, "seek", watched)
    import_bundle(elsewhere, large_bundle)
    assert len(half) in read
    assert all(report.ok for report in elsewhere.verify_all())


@pytest.mark.parametrize("spoil", [b"x" * 1_000, b"y" * 20_000_000])
def test_what_a_power_cut_left_is_not_believed(
    spoil: bytes, large_bundle: Path, elsewhere: Store
) -> None:
    from freehold.store.bundle.read import Bundle

    with Bundle.open(large_bundle) as bundle:
        key, weights = bundle.key, bundle.models[0].files[0]
    with elsewhere.staging(key) as work:
        work.path(weights.digest.hex).write_bytes(spoil)
    import_bundle(elsewhere, large_bundle)
    assert all(report.ok for report in elsewhere.verify_all())
    assert len(elsewhere.models()) == 3


def _dead_process() -> int:
    process = subprocess.Popen([sys.executable, "-S", "-c", ""])
    process.wait()
    return process.pid


def test_killed_exports_leave_no_half_bundle(shelf: Store, tmp_path: Path, runner: Runner) -> None:
    out = tmp_path / "out"
    out.mkdir()
    killed = whole = 0
    for number in range(12):
        target = out / f"{number}.tar"
        killed += runner.kill(number / 60, "export", shelf.home, target)
        parts = sorted(path.name for path in out.glob(f"{number}.tar*"))
        if f"{number}.tar.part01" in parts:
            whole += 1
            with Store.open(tmp_path / f"home{number}") as store:
                import_bundle(store, target)
        left = out / f".{number}.tar.part01.{_dead_process()}.tmp"
        left.write_bytes(b"half")
        if not parts:
            export(shelf, shelf.models(), target, split=300_000)
            assert not list(out.glob(f".{number}.tar*"))  # what the dead left is gone
    print(f"{killed} of 12 exports killed; {whole} bundles there, each of them whole")


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, where this user may mount one."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        pytest.skip("only root may mount a small disk")
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if subprocess.run(mount, capture_output=True).returncode:
        pytest.skip("a small disk cannot be mounted here")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_full_disk(large_bundle: Path, small_disk: Path, shelf: Store) -> None:
    with Store.open(small_disk / "home") as store:
        with pytest.raises(NotEnoughSpace, match="This needs"):
            import_bundle(store, large_bundle)
        assert store.models() == []
        got = import_bundle(store, large_bundle, only=["alpha"])  # 2.6 MB, and the licence
        assert [m.model.name for m in got.models] == ["alpha"]
    with pytest.raises(NotEnoughSpace, match="The bundle takes"):
        export(shelf, shelf.models(), small_disk / "out.tar")
    assert [path.name for path in small_disk.iterdir()] == ["home"]


def test_a_disk_that_fills_up_on_the_way(
    large_bundle: Path, small_disk: Path, shelf: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.store.store.Store.require_space", lambda *_: None)
    monkeypatch.setattr("freehold.store.bundle.write._require_space", lambda *_: None)
    with pytest.raises(NotEnoughSpace, match=r"Could not write .*No space left"):
        export(shelf, shelf.models(), small_disk / "out.tar")
    assert list(small_disk.iterdir()) == []
    with Store.open(small_disk / "home") as store:
        with pytest.raises(NotEnoughSpace, match=r"Could not copy .*No space left"):
            import_bundle(store, large_bundle)
        assert store.models() == []
    subprocess.run(["mount", "-o", "remount,size=64m", str(small_disk)], check=True)
    with Store.open(small_disk / "home") as store:
        import_bundle(store, large_bundle)
        assert len(store.models()) == 3
        assert all(report.ok for report in store.verify_all())


@pytest.mark.skipif(sys.platform == "win32", reason="Windows knows no limit to the size of files")
def test_a_disk_that_takes_no_large_files(shelf: Store, tmp_path: Path) -> None:
    """FAT32 takes 4 GiB; a limit on this process stands in for it."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, before[1]))
    try:
        with pytest.raises(StorageError, match="takes no file as large as this") as caught:
            export(shelf, shelf.models(), tmp_path / "out.tar")
        done = export(shelf, shelf.models(), tmp_path / "out.tar", split=1_900_000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert "--split" in str(caught.value.hint)
    assert [path.name for path in done.paths] == ["out.tar.part01", "out.tar.part02"]
    assert not list(tmp_path.glob(".out.tar*"))


def test_two_imports_at_once(large_bundle: Path, shelf: Store, tmp_path: Path) -> None:
    def work(_: int) -> int:
        with Store.open(tmp_path / "home") as store:
            return import_bundle(store, large_bundle).copied_bytes

    with ThreadPoolExecutor(2) as pool:
        copied = sorted(pool.map(work, range(2)))
    assert copied[0] == 0  # the second finds all of it there
    with Store.open(tmp_path / "home") as store:
        assert {model.id for model in store.models()} == {model.id for model in shelf.models()}
        assert all(report.ok for report in store.verify_all())
        assert store.unfinished() == []
