"""Writing a bundle: every blob is hashed as it is copied, and damage stops it.

A kill at any moment leaves temporary files and nothing under the bundle's own name.
"""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path
from typing import BinaryIO, cast

from freehold.errors import DamagedModel, NotEnoughSpace
from freehold.formats.oci_layout import blob_name
from freehold.formats.tar_plain import END, member_header, padding
from freehold.progress import Progress, Task
from freehold.store.bundle.parts import PartsWriter, refuse_existing, too_large
from freehold.store.bundle.plan import BundlePlan, PlannedBlob
from freehold.store.durable import storage_errors
from freehold.store.hashing import hash_stream
from freehold.units import human_bytes


def write_bundle(
    plan: BundlePlan,
    target: Path,
    progress: Progress,
    *,
    part_size: int | None = None,
) -> tuple[Path, ...]:
    """Write the planned bundle as `target`, or as parts of at most `part_size` bytes.

    Gives the files that it wrote. Raises StorageError, before anything is written, when a name is
    taken or the disk has too little room; DamagedModel when a blob is not what it was.
    """
    refuse_existing((target,))
    _require_space(target, plan.size)
    label = f"export to {target.name}"
    with (
        storage_errors(f"write {target}"),
        PartsWriter(target, plan.size, part_size) as writer,
        progress.task(label, plan.size) as task,
    ):
        refuse_existing(writer.paths)
        try:
            _write(plan, writer, task)
        except OSError as error:
            if error.errno == errno.EFBIG:
                raise too_large(target) from error
            raise
        writer.finish()
        return writer.paths


def _write(plan: BundlePlan, writer: PartsWriter, task: Task) -> None:
    for name, data in plan.documents:
        member = member_header(name, len(data)) + data + bytes(padding(len(data)))
        writer.write_all(member)
        task.advance(len(member))
    for blob in plan.blobs:
        writer.write_all(member_header(blob_name(blob.digest), blob.size))
        _copy(blob, writer, task)
        writer.write_all(bytes(padding(blob.size)))
    writer.write_all(END)


def _copy(blob: PlannedBlob, writer: PartsWriter, task: Task) -> None:
    if not blob.path.exists():
        raise DamagedModel(
            f"{blob.label} ({blob.digest.short}) is missing, so nothing was exported.",
            "Plug in the disk that it is on, or get the model again.",
        )
    with blob.path.open("rb", buffering=0) as source:
        is_whole = os.fstat(source.fileno()).st_size == blob.size
        # The writer has what hash_stream uses of a binary file: an unbuffered `write`.
        sink = cast(BinaryIO, writer)
        if is_whole and hash_stream(source, task, sink).digest == blob.digest:
            return
    raise DamagedModel(
        f"{blob.label} ({blob.digest.short}) is damaged, so nothing was exported.",
        "`freehold verify --all` says where, `freehold repair` mends it.",
    )


def _require_space(target: Path, needed: int) -> None:
    with storage_errors(f"see how much space {target.parent} has"):
        free = shutil.disk_usage(target.parent).free
    if needed > free:
        raise NotEnoughSpace(
            f"The bundle takes {human_bytes(needed)} and {target.parent} has {human_bytes(free)} "
            f"free: {human_bytes(needed - free)} too little.",
            "Free some space there, or write it to another disk.",
        )
