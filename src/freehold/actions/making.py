"""Own what a change has made: a new file, proven like any other, with its parents and licence.

It is written into the staging area and becomes owned whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from freehold.actions.owning import describe_new
from freehold.errors import UsageError
from freehold.names import slug
from freehold.progress import SILENT, Progress
from freehold.sources.interface import LicenceClaim
from freehold.store.durable import storage_errors
from freehold.store.model import WEIGHTS, OwnedFile, OwnedModel, Parent

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.formats.lora import Lora
    from freehold.modify.recipe import Recipe
    from freehold.store.store import Store

_BESIDE = frozenset({"licence", "document"})


@dataclass(frozen=True)
class Made:
    """What is to be owned."""

    name: str
    parents: tuple[Parent, ...]
    like: OwnedModel | None = None
    """The model whose licence it has, and whose further files; None: what its header says."""
    whole: bool = True
    """Whether it takes the place of that model's weights, so that a projector, a template and
    parameters go with it; else the licence alone."""
    size: int = 0
    """Bytes that it will have, about."""


def check_name(store: Store, name: str) -> str:
    """A name as it is typed, made fit. Raises UsageError when a model has it already."""
    wanted = slug(name)
    if any(model.name == wanted for model in store.models()):
        raise UsageError(
            f"You own a model called {wanted} already.",
            f"Choose another --name; `freehold edit {wanted} --name NEW` renames that one.",
        )
    return wanted


def own_made(
    store: Store,
    made: Made,
    write: Callable[[BinaryIO], object],
    check: Callable[[Path], None] | None = None,
    progress: Progress = SILENT,
) -> OwnedModel:
    """Write a file, prove it, own it. What `check` raises of the whole file leaves nothing owned.

    Raises what `write` and `check` do, NotEnoughSpace, StorageError.
    """
    name = check_name(store, made.name)
    store.require_space(made.size)
    with store.staging(f"made {name}") as staging:
        path = staging.path(f"{name}.gguf")
        try:
            with storage_errors(f"write {path.name}"), path.open("wb") as file:
                write(file)
            if check is not None:
                check(path)
            return own_written(store, made, path, progress)
        finally:
            staging.discard()


def own_written(store: Store, made: Made, path: Path, progress: Progress = SILENT) -> OwnedModel:
    """Own a file that was written, which is moved. Raises UsageError, StorageError."""
    name = check_name(store, made.name)
    record = store.add_file(path, move=True, progress=progress)
    weights = OwnedFile(f"{name}.gguf", WEIGHTS, record.digest, record.size)
    files = (weights, *_kept(store, made, progress))
    new = describe_new(store, name, files, (), LicenceClaim())
    if made.like is not None and made.like.licence.kind != "unknown":
        new = replace(new, licence=made.like.licence)
    return store.add_model(replace(new, parents=made.parents))


def own_adapter(
    store: Store,
    base: Source,
    name: str,
    lora: Lora,
    recipe: Recipe,
    detail: str,
    progress: Progress = SILENT,
) -> OwnedModel:
    """Own an adapter for the model `base`, with its recipe, if the file that was written fits it.

    Raises what `own_made` does, UsageError where it does not fit.
    """
    from freehold.formats.gguf import read_header
    from freehold.formats.lora import write_lora
    from freehold.formats.lora_header import check_fits
    from freehold.modify.recipe import carried_entries, recipe_entries

    header = read_header(base.path)
    whole = replace(
        lora,
        name=name,
        base_name=None,  # the recipe has it
        base_sha256=base.sha256,
        more=(*carried_entries(header), *recipe_entries(recipe)),
    )
    parents = parents_of([base], "adapter for", detail)
    made = Made(name, parents, like=base.owned, whole=False)

    def fits(path: Path) -> None:
        check_fits(read_header(path), header, name, base.name)

    return own_made(store, made, partial(write_lora, lora=whole), fits, progress)


def parents_of(sources: Iterable[Source], relation: str, detail: str) -> tuple[Parent, ...]:
    """The lineage of what was made from some files: those of them that are owned."""
    owned = (each.owned for each in sources if each.owned is not None)
    return tuple(Parent(model.id, relation, model.name, detail) for model in owned)


def _kept(store: Store, made: Made, progress: Progress) -> list[OwnedFile]:
    if made.like is None:
        return []
    files = [
        file
        for file in made.like.files
        if file.role in _BESIDE or (made.whole and file.role != WEIGHTS)
    ]
    for file in files:
        store.keep(file.digest, progress)
    return files
