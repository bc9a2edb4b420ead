"""Mend a damaged model as planned: copies, parity, then other places, each chunk proven.

The damaged file is as it was until the new one is whole and proven; killed at any moment, the next
repair goes on. Only what cannot be had on this machine is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.fetching import Fetching
from freehold.actions.network import Network
from freehold.actions.repair_places import Places, Remote, Whole
from freehold.actions.repair_plan import FilePlan, RepairPlan, needed, plan_model
from freehold.errors import (
    DamagedModel,
    FreeholdError,
    HashMismatch,
    IntegrityError,
    SourceError,
    StorageError,
)
from freehold.names import Digest
from freehold.progress import SILENT, Progress
from freehold.store.chunks import ChunkHashes, name_chunks, read_chunk
from freehold.store.mending import work_key
from freehold.store.parity_repair import plan_repair, restore_chunks

if TYPE_CHECKING:
    from freehold.settings import Settings
    from freehold.store.libraries import Found, Libraries
    from freehold.store.model import OwnedModel
    from freehold.store.parity_file import ParityFile
    from freehold.store.patch import Rebuild
    from freehold.store.store import Store
    from freehold.transfer.parts import PartReader

TOO_MANY_WRONG = 3
"""Wrong chunks after which a source is asked no more."""


@dataclass(frozen=True)
class Repaired:
    """What a repair did."""

    plan: RepairPlan
    fetched_bytes: int
    """What came over the wire."""


def plan(
    libraries: Libraries,
    found: Found,
    settings: Settings,
    network: Network,
    given: Sequence[str] = (),
    progress: Progress = SILENT,
) -> RepairPlan:
    """Read a model, and say what is damaged and where good bytes will come from. Changes nothing.

    `given` are paths and references to look at first. Other places are asked only for what is
    neither on this machine nor in parity. Raises NotFound, UsageError, StorageError.
    """
    places = Places(libraries, found, settings, network, given)
    return plan_model(found.store, found.model, places, progress)


def repair(
    store: Store,
    settings: Settings,
    todo: RepairPlan,
    network: Network,
    progress: Progress = SILENT,
) -> Repaired:
    """Carry out a plan, file by file, and check the result.

    Files that can be mended are, even when others can't: `cannot_mend` is the error for those.
    Raises DamagedModel naming chunks that no place gave after all, StorageError, NotEnoughSpace,
    SourceError.
    """
    worker = _Repair(store, settings, network, progress)
    failed: list[FreeholdError] = []
    for file in todo.files:
        if file.possible:
            try:
                worker.mend(file)
            except (IntegrityError, SourceError) as error:  # the other files can still be mended
                failed.append(error)
    if failed:
        raise failed[0]
    if todo.possible:
        store.check_ready(todo.model, progress)
    worker.tidy(todo.model)
    return Repaired(todo, worker.fetched_bytes)


def cannot_mend(todo: RepairPlan) -> DamagedModel:
    """The error for a plan with chunks that can be had nowhere: exactly which, and what to try."""
    parts = [
        f"{file.file.name}: {name_chunks(file.lost)} of {file.hashes.chunk_count:,}"
        if file.hashes is not None
        else f"{file.file.name}, whose chunk hashes are lost too"
        for file in todo.files
        if not file.possible
    ]
    name = todo.model.name
    return DamagedModel(
        f"{name} cannot be made whole: good bytes could be had nowhere of {'; '.join(parts)}.",
        f"Name a place that has it: freehold repair {name} --from REF or PATH.",
    )


class _Repair:
    """One repair under way."""

    def __init__(
        self, store: Store, settings: Settings, network: Network, progress: Progress
    ) -> None:
        self._store, self._settings, self._network = store, settings, network
        self._progress = progress
        self._reader: PartReader | None = None
        self._fetching = Fetching(store, network, progress)

    @property
    def fetched_bytes(self) -> int:
        """What came over the wire so far."""
        parts = self._reader.received if self._reader is not None else 0
        return parts + self._fetching.fetched_bytes

    def mend(self, plan: FilePlan) -> None:
        """Make one file whole. Raises DamagedModel, SourceError, StorageError."""
        if plan.hashes is None:
            self._mend_without_hashes(plan)
        elif plan.whole is not None:
            self._take_whole(plan, plan.whole)
        else:
            try:
                self._mend_by_chunks(plan, plan.hashes)
            except DamagedModel:
                if not plan.elsewhere.wholes:
                    raise
                self._take_whole(plan, plan.elsewhere.wholes[0])

    def tidy(self, model: OwnedModel) -> None:
        """Clear away what killed repairs left of files that are whole now."""
        store = self._store
        left = {work.key for work in store.unfinished() if not work.busy}
        for digest in {file.digest for file in model.files}:
            if work_key(digest) in left:
                store.mender.tidy(digest, self._progress)
            if _whole_key(digest) in left and store.mender.is_whole(digest):
                with store.staging(_whole_key(digest)) as staging:
                    staging.discard()

    def _mend_by_chunks(self, plan: FilePlan, hashes: ChunkHashes) -> None:
        def fill(rebuild: Rebuild, unfinished: Path) -> None:
            self._put_copies(plan, hashes, rebuild)
            if rebuild.missing and plan.parity is not None:
                self._use_parity(plan, plan.parity, hashes, rebuild, unfinished)
            self._fetch(plan, hashes, rebuild, rebuild.missing)

        self._store.mender.mend(hashes, fill, self._progress)

    def _put_copies(self, plan: FilePlan, hashes: ChunkHashes, rebuild: Rebuild) -> None:
        for path in plan.copies:
            if not rebuild.missing:
                return
            try:
                with path.open("rb", buffering=0) as copy:
                    for index in rebuild.missing:
                        if (data := read_chunk(copy, hashes, index)) is not None:
                            rebuild.put(index, data)
            except OSError as error:  # an unplugged disk: other places may still help
                self._progress.note(f"{path} can't be read any more: {error.strerror}.")

    def _use_parity(
        self,
        plan: FilePlan,
        parity: ParityFile,
        hashes: ChunkHashes,
        rebuild: Rebuild,
        unfinished: Path,
    ) -> None:
        """Fetch what parity lacks, then restore what it can. It may do less: others may help."""
        try:
            can = plan_repair(parity, hashes, rebuild.missing, self._progress)
            self._fetch(plan, hashes, rebuild, needed(rebuild.missing, can))
            can = plan_repair(parity, hashes, rebuild.missing, self._progress)
            for index, data in restore_chunks(
                unfinished, parity, can, self._progress, partial=True
            ):
                rebuild.put(index, data)
        except IntegrityError as error:
            self._progress.note(f"Its parity did not help: {error.message}")

    def _fetch(
        self, plan: FilePlan, hashes: ChunkHashes, rebuild: Rebuild, wanted: Sequence[int]
    ) -> None:
        """Ask one place after the other for these chunks, until none of them is missing."""
        for remote in plan.elsewhere.remotes:
            left = [index for index in wanted if index in set(rebuild.missing)]
            if left:
                self._fetch_from(remote, plan.file.name, hashes, rebuild, left)

    def _fetch_from(
        self,
        remote: Remote,
        name: str,
        hashes: ChunkHashes,
        rebuild: Rebuild,
        left: Sequence[int],
    ) -> None:
        wrong: list[int] = []
        parts = [hashes.chunk_range(index) for index in left]
        label = f"{name}: {len(left)} chunks"
        try:
            with self._progress.task(label, sum(end - begin for begin, end in parts)) as task:
                for (begin, end), data in self._parts().read(
                    remote.remote,
                    remote.url,
                    parts,
                    hashes.size,
                    lambda: len(wrong) < TOO_MANY_WRONG,
                ):
                    index = begin // hashes.chunk_size
                    try:
                        rebuild.put(index, data)
                    except HashMismatch:
                        wrong.append(index)
                    task.advance(end - begin)
        except (SourceError, HashMismatch) as error:
            self._progress.note(f"{remote.ref} stopped helping: {error.message}")
        if wrong:
            self._progress.note(
                f"{remote.ref} ({remote.url}) gave wrong bytes for {name_chunks(wrong)}: not used."
            )

    def _parts(self) -> PartReader:
        if self._reader is None:
            from freehold.transfer.parts import PartReader
            from freehold.transfer.rate import parse_rate

            limit = parse_rate(self._settings.limit) if self._settings.limit else None
            self._reader = PartReader(self._network.connect(), limit)
        return self._reader

    def _take_whole(self, plan: FilePlan, whole: Whole) -> None:
        """Fetch the file as a whole; it takes the place of the damaged one once it is proven."""
        store, file = self._store, plan.file
        with store.staging(_whole_key(file.digest)) as staging:
            store.require_space(max(0, whole.fetch_bytes + file.size - staging.size()))
            self._fetching.own(replace(whole.offered, name=file.name), staging)
            staging.discard()
        if plan.hashes is not None:  # an attempt by chunks may have left something
            store.mender.mend(plan.hashes, lambda *_: None, self._progress)

    def _mend_without_hashes(self, plan: FilePlan) -> None:
        for path in plan.copies:
            try:
                self._store.add_file(path, plan.file.digest, self._progress, move=False)
            except (HashMismatch, StorageError) as error:
                self._progress.note(f"{path} did not help: {error.message}")
            else:
                return
        if plan.whole is None:
            raise DamagedModel(
                f"{plan.file.name} is damaged, its chunk hashes are lost, and no copy is good.",
                "Name a place that has it: --from REF or PATH.",
            )
        self._take_whole(plan, plan.whole)


def _whole_key(digest: Digest) -> str:
    return f"repair whole {digest}"
