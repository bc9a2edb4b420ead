"""Pieces for tests of repair: a large model, damage, and a repair."""

from __future__ import annotations

import os
import random
import struct
from collections.abc import Sequence
from pathlib import Path

from freehold.actions.network import Network
from freehold.actions.repair import Repaired, plan, repair
from freehold.actions.repair_plan import RepairPlan
from freehold.progress import SilentProgress
from freehold.settings import Settings
from freehold.store.libraries import Libraries
from freehold.store.model import OwnedModel
from freehold.store.store import Store

MIB = 1 << 20


class Notes(SilentProgress):
    """Keeps what the owner was told."""

    def __init__(self) -> None:
        self.said: list[str] = []

    def note(self, text: str) -> None:
        self.said.append(text)


def noise(size: int, seed: int = 0) -> bytes:
    """A GGUF header and `size` bytes in all, the same each time."""
    head = b"GGUF" + struct.pack("<IQQ", 3, 0, 0)
    return head + random.Random(seed).randbytes(size - len(head))


class Damager:
    """Spoils owned files as a failing disk does."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def flip(self, model: OwnedModel, chunks: Sequence[int], file: int = 0) -> Path:
        """One bit in each of these chunks; size and times stay."""
        path = self._store.blob_path(model.files[file].digest)
        before, mode = path.stat(), path.stat().st_mode
        path.chmod(0o644)
        with path.open("r+b") as target:
            for chunk in chunks:
                place = min(chunk * MIB + 77, before.st_size - 1)
                target.seek(place)
                byte = target.read(1)[0]
                target.seek(place)
                target.write(bytes([byte ^ 4]))
        path.chmod(mode)
        os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
        return path

    def resize(self, model: OwnedModel, size: int) -> None:
        path = self._store.blob_path(model.weights.digest)
        path.chmod(0o644)
        with path.open("r+b") as target:
            target.truncate(size)


class Repairs:
    """What `freehold repair` does, with what it said in `notes`."""

    def __init__(self, home: Path) -> None:
        self.home = home
        self.notes = Notes()

    def plan(self, name: str, *given: str) -> RepairPlan:
        return self._run(name, given, carry_out=False)[0]

    def repair(self, name: str, *given: str) -> Repaired:
        done = self._run(name, given, carry_out=True)[1]
        assert done is not None
        return done

    def carry_out(self, todo: RepairPlan) -> Repaired:
        settings = Settings(home=self.home)
        with Store.open(self.home) as store, Network(settings, self.notes) as out:
            return repair(store, settings, todo, out, self.notes)

    def _run(
        self, name: str, given: Sequence[str], *, carry_out: bool
    ) -> tuple[RepairPlan, Repaired | None]:
        settings = Settings(home=self.home)
        with Libraries(self.home, self.notes) as libraries, Network(settings, self.notes) as out:
            found = libraries.find(name)
            todo = plan(libraries, found, settings, out, given, self.notes)
            if not carry_out:
                return todo, None
            return todo, repair(found.store, settings, todo, out, self.notes)
