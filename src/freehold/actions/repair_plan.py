"""What a repair would do, before it does it: which chunks are bad, and where each will come from.

Copies on this machine come first, then parity, and other places last, for nothing but what is left:
a plan that needs no network asks nobody. Each chunk of a copy is proven while planning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.repair_places import Elsewhere, Places, Remote, Whole
from freehold.errors import FormatError, IntegrityError, StorageError
from freehold.progress import Progress
from freehold.store.chunks import ChunkHashes, read_chunk
from freehold.store.model import FileState, OwnedFile, OwnedModel
from freehold.store.parity_file import ParityFile
from freehold.store.parity_repair import ParityPlan, plan_repair

if TYPE_CHECKING:
    from freehold.store.store import Store
    from freehold.store.verify import FileReport


class Origin(StrEnum):
    """The kinds of place that bytes come from."""

    COPY = "copy"
    PARITY = "parity"
    SOURCE = "source"
    WHOLE = "whole"
    """A source that has the file only as a whole."""


@dataclass(frozen=True)
class Supply:
    """Some chunks of a file, and where they will come from."""

    origin: Origin
    place: str
    chunks: tuple[int, ...]
    fetch_bytes: int = 0


@dataclass(frozen=True)
class FilePlan:
    """How one damaged file becomes whole."""

    file: OwnedFile
    state: FileState
    hashes: ChunkHashes | None
    """None when its chunk hashes are lost: then only the whole can be proven."""
    bad: tuple[int, ...]
    supplies: tuple[Supply, ...]
    lost: tuple[int, ...]
    """Bad chunks that can be had nowhere."""
    copies: tuple[Path, ...]
    elsewhere: Elsewhere
    parity: ParityFile | None

    @property
    def possible(self) -> bool:
        """Whether the file can be made whole."""
        return not self.lost and (self.hashes is not None or bool(self.supplies))

    @property
    def bad_ranges(self) -> tuple[tuple[int, int], ...]:
        """The bad bytes; the whole file where chunk hashes are lost. Ends not included."""
        if self.hashes is None:
            return ((0, self.file.size),)
        return tuple(self.hashes.chunk_range(index) for index in self.bad)

    @property
    def whole(self) -> Whole | None:
        """The place to fetch the whole from, where the plan is to do so."""
        if not any(supply.origin is Origin.WHOLE for supply in self.supplies):
            return None
        return self.elsewhere.wholes[0]


@dataclass(frozen=True)
class RepairPlan:
    """How a model becomes whole. `remarks` says which places can't help, and why."""

    model: OwnedModel
    files: tuple[FilePlan, ...]
    """The damaged ones only."""
    remarks: tuple[str, ...] = ()

    @property
    def possible(self) -> bool:
        """Whether everything can be mended."""
        return all(file.possible for file in self.files)

    @property
    def fetch_bytes(self) -> int:
        """Bytes to fetch when every place keeps its word."""
        return sum(supply.fetch_bytes for file in self.files for supply in file.supplies)


def plan_model(store: Store, model: OwnedModel, places: Places, progress: Progress) -> RepairPlan:
    """Read all of a model and say how what is damaged would be mended. Changes no byte.

    Raises StorageError.
    """
    report = store.verify(model, progress)
    damaged = {file.digest: file for file in report.files if not file.ok}
    owned = {file.digest: file for file in model.files}
    plans = tuple(
        _Planner(store, owned[digest], places, progress).plan(found)
        for digest, found in damaged.items()
    )
    return RepairPlan(model, plans, tuple(dict.fromkeys(places.remarks)))


class _Planner:
    """Plans one file."""

    def __init__(self, store: Store, file: OwnedFile, places: Places, progress: Progress) -> None:
        self._store, self._file, self._places = store, file, places
        self._progress = progress
        self._supplies: list[Supply] = []
        self._copies: list[Path] = []

    def plan(self, found: FileReport) -> FilePlan:
        parity = self._parity()
        hashes: ChunkHashes | None = self._store.by_digest(self._file.digest) or parity
        if hashes is None:
            return self._plan_whole(found)
        bad = found.bad_chunks or self._store.mender.bad_chunks(hashes, self._progress)
        left = self._from_copies(hashes, bad)
        repairable = self._parity_plan(parity, hashes, left) if parity and left else None
        restorable = repairable.restorable if repairable else ()
        elsewhere, lost = Elsewhere(), tuple(sorted(set(left) - set(restorable)))
        if lost:
            elsewhere = _cheapest(self._places.elsewhere(self._file, by_chunks=True))
            lost, restorable = self._from_elsewhere(hashes, elsewhere, left, repairable)
        if restorable and parity:
            self._supplies.append(Supply(Origin.PARITY, str(parity.path), restorable))
        return FilePlan(
            self._file,
            found.state,
            hashes,
            tuple(bad),
            tuple(self._supplies),
            lost,
            tuple(self._copies),
            elsewhere,
            parity,
        )

    def _plan_whole(self, found: FileReport) -> FilePlan:
        """Without chunk hashes: a copy whose size is right, or the whole from a source."""
        size = self._file.size
        copies = tuple(p for p in self._places.copies(self._file) if p.stat().st_size == size)
        elsewhere = Elsewhere()
        supplies: tuple[Supply, ...] = ()
        if copies:
            supplies = (Supply(Origin.COPY, str(copies[0]), ()),)
        else:
            elsewhere = _cheapest(self._places.elsewhere(self._file, by_chunks=False))
            if elsewhere.wholes:
                first = elsewhere.wholes[0]
                supplies = (Supply(Origin.WHOLE, first.ref, (), first.fetch_bytes),)
        return FilePlan(
            self._file, found.state, None, (), supplies, (), copies, elsewhere, parity=None
        )

    def _parity(self) -> ParityFile | None:
        try:
            return self._store.protection.parity(self._file.digest)
        except (FormatError, IntegrityError, StorageError) as error:
            self._places.remarks.append(f"Its parity cannot be used: {error.message}")
            return None

    def _parity_plan(
        self, parity: ParityFile, hashes: ChunkHashes, left: Sequence[int]
    ) -> ParityPlan | None:
        try:
            plan = plan_repair(parity, hashes, left, self._progress)
        except (IntegrityError, StorageError) as error:
            self._places.remarks.append(f"Its parity cannot be used: {error.message}")
            return None
        if plan.bad_cells:
            self._places.remarks.append(
                f"{len(plan.bad_cells)} chunks of its parity are damaged too."
            )
        return plan

    def _from_copies(self, hashes: ChunkHashes, bad: Sequence[int]) -> list[int]:
        """Look for the bad chunks in copies. Those found nowhere."""
        left = list(bad)
        for path in self._places.copies(self._file):
            if not left:
                break
            try:
                with path.open("rb", buffering=0) as copy:
                    good = tuple(i for i in left if read_chunk(copy, hashes, i) is not None)
            except OSError as error:
                self._places.remarks.append(f"{path} can't be read: {error.strerror}.")
                continue
            if good:
                self._copies.append(path)
                self._supplies.append(Supply(Origin.COPY, str(path), good))
                left = [index for index in left if index not in set(good)]
        return left

    def _from_elsewhere(
        self,
        hashes: ChunkHashes,
        elsewhere: Elsewhere,
        left: Sequence[int],
        repairable: ParityPlan | None,
    ) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Plan to fetch what parity lacks. The chunks still lost, and those that parity does."""
        fetch = needed(left, repairable)
        wanted = sum(end - begin for begin, end in map(hashes.chunk_range, fetch))
        size = self._file.size
        remote: Remote | None = next(iter(elsewhere.remotes), None)
        whole = next(iter(elsewhere.wholes), None)
        price = remote.price(wanted, size) if remote else 0
        if whole and (remote is None or whole.fetch_bytes < price):
            self._supplies[:] = [
                Supply(Origin.WHOLE, whole.ref, tuple(left), whole.fetch_bytes),
            ]
            return (), ()
        if remote is None:
            restorable = repairable.restorable if repairable else ()
            return tuple(sorted(set(left) - set(restorable))), restorable
        self._supplies.append(Supply(Origin.SOURCE, remote.ref, fetch, price))
        return (), tuple(sorted(set(left) - set(fetch)))


def needed(left: Sequence[int], plan: ParityPlan | None) -> tuple[int, ...]:
    """The chunks that must be fetched so that parity can restore all others."""
    if plan is None:
        return tuple(left)
    return tuple(sorted(chunk for part in plan.damage for chunk in part.bad[: part.short]))


def _cheapest(elsewhere: Elsewhere) -> Elsewhere:
    """The places in the order in which to ask them."""
    remotes = sorted(elsewhere.remotes, key=lambda remote: not remote.ranged)
    wholes = sorted(elsewhere.wholes, key=lambda whole: whole.fetch_bytes)
    return Elsewhere(tuple(remotes), tuple(wholes))
