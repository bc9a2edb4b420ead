"""Pieces for the store's tests: small files of known bytes, a store, what it reports."""

from __future__ import annotations

import os
import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from freehold.progress import Progress, Task
from freehold.store.model import Licence, NewModel, OwnedFile, OwnedModel, Sighting
from freehold.store.store import Store


class _Watched:
    def __init__(self, read: dict[str, int], label: str) -> None:
        self._read, self._label = read, label

    def __enter__(self) -> Task:
        self._read.setdefault(self._label, 0)
        return self

    def __exit__(self, *exc: object) -> None:
        return None

    def advance(self, amount: int) -> None:
        self._read[self._label] += amount

    def total(self, amount: int) -> None: ...


class _Watcher:
    def __init__(self, notes: list[str], read: dict[str, int]) -> None:
        self._notes, self._read = notes, read

    def task(self, label: str, total: int | None = None, unit: str = "B") -> _Watched:
        return _Watched(self._read, label)

    def note(self, text: str) -> None:
        self._notes.append(text)


@pytest.fixture
def notes() -> list[str]:
    """What the store told its owner."""
    return []


@pytest.fixture
def was_read() -> dict[str, int]:
    """Bytes that the store went through, by the label it showed."""
    return {}


@pytest.fixture
def progress(notes: list[str], was_read: dict[str, int]) -> Progress:
    return _Watcher(notes, was_read)


@pytest.fixture
def make_file(tmp_path: Path) -> Callable[..., Path]:
    """`make_file("a.gguf", 3000, seed=1)`: a file outside the store, the same each time."""

    def make(name: str, size: int, seed: int = 0) -> Path:
        path = tmp_path / "elsewhere" / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(random.Random(seed).randbytes(size))
        return path

    return make


@pytest.fixture
def quick_folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder in memory where there is one: tests that write thousands of times wait for no disk.

    What a killed process leaves is the same there.
    """
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK):
        yield tmp_path_factory.mktemp("quick")
        return
    with tempfile.TemporaryDirectory(prefix="freehold-", dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def store(home: Path, progress: Progress) -> Iterator[Store]:
    with Store.open(home, progress) as opened:
        yield opened


@pytest.fixture
def own(store: Store) -> Callable[..., OwnedModel]:
    """`own("smol", path)`: a model made of copies of these files, the first being its weights."""

    ours = store

    def add(
        name: str,
        *files: Path,
        store: Store | None = None,
        tags: tuple[str, ...] = (),
        ref: str | None = None,
    ) -> OwnedModel:
        into = store or ours
        owned: list[OwnedFile] = []
        for number, path in enumerate(files):
            record = into.add_file(path, None, move=False)
            role = "document" if number else "weights"
            owned.append(OwnedFile(path.name, role, record.digest, record.size))
        seen = (Sighting.now(ref or f"file:{files[0]}"),)
        licence = Licence("Apache-2.0", None, "open source")
        return into.add_model(NewModel(name, tuple(owned), licence, seen, tags=tags))

    return add


@pytest.fixture
def flip_bit() -> Callable[[Path, int], None]:
    """Flip one bit of a file as a failing disk does: its size and times stay."""

    def flip(path: Path, bit: int) -> None:
        with _writable(path):
            before = path.stat()
            with path.open("r+b") as file:
                file.seek(bit // 8)
                byte = file.read(1)[0]
                file.seek(bit // 8)
                file.write(bytes([byte ^ (1 << bit % 8)]))
            os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))

    return flip


@contextmanager
def _writable(path: Path) -> Iterator[None]:
    mode = path.stat().st_mode
    path.chmod(0o644)
    try:
        yield
    finally:
        path.chmod(mode)
