"""Parity: a small file from which a few bad chunks of a blob are made again, with no source.

Which chunks are bad is known from their hashes, so each parity chunk makes good one bad chunk of
its stripe. With 5% of parity a stripe of a large model has 243 chunks and 12 parity chunks.

It makes parity files and checks them; `parity_repair` restores from them.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from freehold.errors import DamagedModel, UsageError
from freehold.progress import Progress, Task
from freehold.store.chunks import ChunkHashes, name_chunks, read_chunk
from freehold.store.durable import TEMPORARY, delete, storage_errors, sync_folder
from freehold.store.erasure import LIMIT, StripeCode, Sums, product_masks
from freehold.store.parity_file import ParityFile, StripeLayout, write_cell, write_headers
from freehold.store.space import require_space

_ROWS = 24
"""Parity chunks a stripe, at most: each costs one pass of sums over the stripe's data."""
_MEMORY = 128 << 20
"""Bytes of sums kept at once. More means longer runs of the blob read in one go."""


def lay_out(size: int, chunk_size: int, percent: float) -> StripeLayout:
    """Share the chunks of a blob over stripes, with at least `percent` of parity chunks.

    Raises UsageError when the percentage is not above 0 and at most 100, or the blob is empty.
    """
    if not 0 < percent <= 100:
        raise UsageError(
            f"{percent:g}% of parity makes no sense.", "Try 5%: above 0, and at most 100."
        )
    if size < 1:
        raise UsageError("An empty file has nothing to protect.")
    count = -(-size // chunk_size)
    wanted = math.ceil(count * percent / 100)
    stripes = max(-(-wanted // _ROWS), -(-(count + wanted) // LIMIT))
    while -(-count // stripes) + -(-wanted // stripes) > LIMIT:
        stripes += 1
    padded = -(-min(chunk_size, size) // 8) * 8
    return StripeLayout(size, chunk_size, padded, stripes, -(-wanted // stripes))


def make_parity(
    path: Path, blob: ChunkHashes, percent: float, out_path: Path, progress: Progress
) -> ParityFile:
    """Write parity for the good file at `path` into `out_path`, which appears when it is whole.

    Every chunk is proven as it is read: raises DamagedModel, and writes nothing, when one is bad.
    Raises UsageError for a senseless percentage, StorageError and NotEnoughSpace. One process at
    a time may make the same `out_path`.
    """
    layout = lay_out(blob.size, blob.chunk_size, percent)
    require_space(out_path.parent, layout.file_size)
    unfinished = out_path.with_name(out_path.name + TEMPORARY)
    with storage_errors(f"write the parity file {out_path}"):
        try:
            with path.open("rb") as source, unfinished.open("wb") as sink:
                with progress.task(f"Protecting {blob.digest.short}", blob.size) as task:
                    cells = _write_cells(source, sink, blob, layout, task)
                parity = ParityFile(out_path, blob.digest, layout, blob.chunks, cells)
                write_headers(sink, parity)
                sink.flush()
                os.fsync(sink.fileno())
            unfinished.replace(out_path)
        except BaseException:
            delete(unfinished)
            raise
        sync_folder(out_path.parent)
    return parity


def check_parity(parity: ParityFile, progress: Progress) -> tuple[int, ...]:
    """Which parity chunks of the file are themselves damaged. Raises StorageError."""
    layout = parity.layout
    total = layout.cell_count * layout.cell_size
    bad = []
    with (
        storage_errors(f"read the parity file {parity.path}"),
        parity.path.open("rb") as file,
        progress.task(f"Checking the parity of {parity.digest.short}", total) as task,
    ):
        for number in range(layout.cell_count):
            if parity.read_cell(file, number) is None:
                bad.append(number)
            task.advance(layout.cell_size)
    return tuple(bad)


def _write_cells(
    source: BinaryIO, sink: BinaryIO, blob: ChunkHashes, layout: StripeLayout, task: Task
) -> bytes:
    """Write all parity chunks; their hashes, in the order of the file."""
    masks = product_masks()
    weights = {
        count: StripeCode(count, layout.rows).encoding()
        for count in {len(layout.members(stripe)) for stripe in range(layout.stripes)}
    }
    hashes: dict[int, bytes] = {}
    for group in _groups(layout):
        sums = {stripe: Sums(layout.rows, layout.cell_size) for stripe in group}
        for index in _in_file_order(layout, group):
            stripe, position = index % layout.stripes, index // layout.stripes
            chunk = _good_chunk(source, blob, index)
            of_stripe = weights[len(layout.members(stripe))]
            sums[stripe].add(pad(chunk, layout), of_stripe[position], masks)
            task.advance(len(chunk))
        for stripe, totals in sums.items():
            for row, cell in enumerate(totals.results()):
                number = layout.cell_number(stripe, row)
                hashes[number] = write_cell(sink, layout, number, cell)
    return b"".join(hashes[number] for number in range(layout.cell_count))


def pad(chunk: bytes, layout: StripeLayout) -> memoryview:
    """A chunk as it is summed: the last of a blob may be short, and zeros follow it."""
    return memoryview(chunk.ljust(layout.cell_size, b"\0"))


def _groups(layout: StripeLayout) -> Iterator[range]:
    """Neighbouring stripes whose sums fit in memory together."""
    at_once = max(1, _MEMORY // (layout.rows * layout.cell_size))
    for first in range(0, layout.stripes, at_once):
        yield range(first, min(first + at_once, layout.stripes))


def _in_file_order(layout: StripeLayout, group: range) -> Iterator[int]:
    """The chunks of a group's stripes as they come in the blob."""
    for begin in range(0, layout.chunk_count, layout.stripes):
        yield from range(begin + group.start, min(begin + group.stop, layout.chunk_count))


def _good_chunk(source: BinaryIO, blob: ChunkHashes, index: int) -> bytes:
    chunk = read_chunk(source, blob, index)
    if chunk is None:
        raise DamagedModel(
            f"{name_chunks([index]).capitalize()} of {blob.digest.short} is damaged: "
            "nothing was protected.",
            "Repair it first (freehold repair), then protect it.",
        )
    return chunk
