"""Restoring bad chunks of a blob from its parity file: first a plan, then the chunks, each proven.

It writes nothing: `patch` puts the chunks into a new file.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from freehold.errors import DamagedModel, IntegrityError
from freehold.progress import Progress, Task
from freehold.store.chunks import ChunkHashes, is_good_chunk, name_chunks, read_chunk
from freehold.store.durable import storage_errors
from freehold.store.erasure import Masks, StripeCode, Sums, product_masks
from freehold.store.parity import pad
from freehold.store.parity_file import ParityFile


@dataclass(frozen=True)
class StripeDamage:
    """One stripe with bad chunks, and the parity sums of it that are good."""

    stripe: int
    bad: tuple[int, ...]
    """Bad chunks of the blob."""
    sums: tuple[int, ...]
    """Rows of the good parity chunks: as many bad chunks can be restored, or none."""

    @property
    def short(self) -> int:
        """How many of its bad chunks must first come from elsewhere; 0 when none."""
        return max(0, len(self.bad) - len(self.sums))


@dataclass(frozen=True)
class ParityPlan:
    """What a parity file can do about bad chunks."""

    damage: tuple[StripeDamage, ...]
    bad_cells: tuple[int, ...]
    """Parity chunks found damaged on the way, by their number in the parity file."""

    @property
    def restorable(self) -> tuple[int, ...]:
        """The bad chunks that can be restored."""
        return tuple(sorted(chunk for part in self.damage if not part.short for chunk in part.bad))

    @property
    def lost(self) -> tuple[int, ...]:
        """The bad chunks that cannot."""
        return tuple(sorted(chunk for part in self.damage if part.short for chunk in part.bad))

    @property
    def short(self) -> int:
        """How many of the lost chunks must come from elsewhere, so many of each stripe that is
        short, before the rest of them can be restored.
        """
        return sum(part.short for part in self.damage)


def plan_repair(
    parity: ParityFile, blob: ChunkHashes, bad_chunks: Sequence[int], progress: Progress
) -> ParityPlan:
    """Say exactly which of the bad chunks can be restored. Reads only parity chunks.

    Raises IntegrityError when the parity file is of other bytes than `blob`.
    """
    layout = parity.layout
    if (parity.digest, parity.size, parity.chunk_size, parity.chunks) != (
        blob.digest,
        blob.size,
        blob.chunk_size,
        blob.chunks,
    ):
        raise IntegrityError(
            f"The parity file {parity.path} is not of {blob.digest.short}: its hashes differ.",
            "Find the parity file made for this model, or repair from a source.",
        )
    by_stripe: dict[int, list[int]] = {}
    for index in sorted(set(bad_chunks)):
        by_stripe.setdefault(index % layout.stripes, []).append(index)
    damage: list[StripeDamage] = []
    bad_cells: list[int] = []
    total = len(by_stripe) * layout.rows * layout.cell_size
    with (
        storage_errors(f"read the parity file {parity.path}"),
        parity.path.open("rb") as file,
        progress.task(f"Checking the parity of {blob.digest.short}", total) as task,
    ):
        for stripe, bad in sorted(by_stripe.items()):
            good: list[int] = []
            for row in range(layout.rows):
                number = layout.cell_number(stripe, row)
                if parity.read_cell(file, number) is None:
                    bad_cells.append(number)
                else:
                    good.append(row)
                task.advance(layout.cell_size)
            damage.append(StripeDamage(stripe, tuple(bad), tuple(good)))
    return ParityPlan(tuple(damage), tuple(sorted(bad_cells)))


def restore_chunks(
    damaged: Path | None,
    parity: ParityFile,
    plan: ParityPlan,
    progress: Progress,
    *,
    partial: bool = False,
) -> Iterator[tuple[int, bytes]]:
    """The restorable chunks, each with its number and proven, stripe by stripe.

    `damaged` is the file as it is, None when it is gone: the good chunks of the stripes concerned
    are read from it, and proven. Raises DamagedModel before anything is read when a chunk cannot
    be restored, unless `partial`; and when a chunk turns out bad that the plan did not know of.
    """
    if plan.lost and not partial:
        raise _too_much(parity, plan)
    return _restore(damaged, parity, plan, progress)


def _restore(
    damaged: Path | None, parity: ParityFile, plan: ParityPlan, progress: Progress
) -> Iterator[tuple[int, bytes]]:
    todo = [part for part in plan.damage if not part.short]
    total = parity.chunk_size * sum(len(parity.layout.members(part.stripe)) for part in todo)
    masks = product_masks()
    with (
        storage_errors(f"restore chunks of {parity.digest.short}"),
        damaged.open("rb") if damaged else io.BytesIO() as data,
        parity.path.open("rb") as cells,
        progress.task(f"Restoring {parity.digest.short}", total) as task,
    ):
        for part in todo:
            left = _what_is_left(data, cells, parity, part, masks, task)
            yield from _solve(parity, part, left, masks)


def _what_is_left(
    data: BinaryIO,
    cells: BinaryIO,
    parity: ParityFile,
    part: StripeDamage,
    masks: Masks,
    task: Task,
) -> list[bytes]:
    """The parity sums that are used, less what the good chunks put into them."""
    layout = parity.layout
    members = layout.members(part.stripe)
    used = part.sums[: len(part.bad)]
    weights = StripeCode(len(members), layout.rows).encoding()
    sums = Sums(len(used), layout.cell_size)
    for position, index in enumerate(members):
        if index not in part.bad:
            chunk = read_chunk(data, parity, index)
            if chunk is None:
                raise _stale(parity, index)
            # Adding and subtracting are the same in this field.
            sums.add(pad(chunk, layout), [weights[position][row] for row in used], masks)
        task.advance(parity.chunk_size)
    for place, row in enumerate(used):
        cell = parity.read_cell(cells, layout.cell_number(part.stripe, row))
        if cell is None:
            raise IntegrityError(
                f"The parity file {parity.path} has changed while it was used.", "Try again."
            )
        sums.add(memoryview(cell), [int(other == place) for other in range(len(used))], masks)
    return sums.results()


def _solve(
    parity: ParityFile, part: StripeDamage, left: list[bytes], masks: Masks
) -> Iterator[tuple[int, bytes]]:
    """The bad chunks of a stripe from what is left of its sums."""
    layout = parity.layout
    code = StripeCode(len(layout.members(part.stripe)), layout.rows)
    positions = [index // layout.stripes for index in part.bad]
    sums = Sums(len(part.bad), layout.cell_size)
    for cell, weights in zip(
        left, code.decoding(positions, part.sums[: len(part.bad)]), strict=True
    ):
        sums.add(memoryview(cell), weights, masks)
    for index, cell in zip(part.bad, sums.results(), strict=True):
        begin, end = parity.chunk_range(index)
        chunk = cell[: end - begin]
        if not is_good_chunk(parity, index, chunk):
            raise IntegrityError(
                f"Chunk {index:,} of {parity.digest.short} as restored is not what it should be.",
                "The parity file was made wrongly; repair from a source.",
            )
        yield index, chunk


def _too_much(parity: ParityFile, plan: ParityPlan) -> DamagedModel:
    return DamagedModel(
        f"{parity.digest.short} has too much damage for its parity: "
        f"{name_chunks(plan.lost)} cannot be restored, "
        f"because {plan.short:,} more bad than there are good parity chunks for them.",
        "Repair from a source, which fetches only the bad chunks (freehold repair).",
    )


def _stale(parity: ParityFile, index: int) -> DamagedModel:
    return DamagedModel(
        f"Chunk {index:,} of {parity.digest.short} is damaged too, which was not known before.",
        "Verify again (freehold verify), then repair.",
    )
