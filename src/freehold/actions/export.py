"""Export models: everything that is known of them and may leave, in one file others can open."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


@dataclass(frozen=True)
class Exported:
    """What `export` wrote: one file or its parts, and their bytes in all."""

    models: tuple[OwnedModel, ...]
    paths: tuple[Path, ...]
    size: int


def export(
    store: Store,
    models: Sequence[OwnedModel],
    target: Path,
    *,
    split: int | None = None,
    with_notes: bool = True,
    progress: Progress = SILENT,
) -> Exported:
    """Write these models of one store as a bundle. See `export_from`."""
    found = [(store, model) for model in models]
    return export_from(found, target, split=split, with_notes=with_notes, progress=progress)


def export_from(
    found: Sequence[tuple[Store, OwnedModel]],
    target: Path,
    *,
    split: int | None = None,
    with_notes: bool = True,
    progress: Progress = SILENT,
) -> Exported:
    """Write models, each with the store it is in, as one bundle to `target`.

    With `split`, in parts of less than so many bytes. Raises StorageError when the name is taken,
    NotEnoughSpace before writing, DamagedModel when what is owned is not what it was.
    """
    from freehold.store.bundle.parts import part_size_below
    from freehold.store.bundle.plan import plan_bundle
    from freehold.store.bundle.write import write_bundle

    part_size = part_size_below(split) if split is not None else None
    plan = plan_bundle(found, with_notes=with_notes)
    paths = write_bundle(plan, target, progress, part_size=part_size)
    unique = {model.id: model for _, model in found}
    return Exported(tuple(unique.values()), paths, plan.size)
