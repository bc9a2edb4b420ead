"""A checkpoint in Hugging Face's format into a model to own, and a model into such a folder."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.making import Made, own_made
from freehold.errors import EngineError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.modify.convert_numbers import Quickness
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def convert_folder(
    store: Store,
    folder: Path,
    name: str,
    target: str | None = None,
    *,
    pre: str | None = None,
    load: bool = True,
    progress: Progress = SILENT,
) -> OwnedModel:
    """Own the checkpoint in `folder` as a GGUF model; with `load` only if the engine loads it.

    Matrices get the block type `target`, or keep theirs. `pre` is llama.cpp's name for how text is
    cut, where it cannot be told. Raises FormatError, StorageError, UnsupportedModel, UsageError.
    """
    from freehold.formats.huggingface.card import repository_of
    from freehold.formats.huggingface.folder import open_checkpoint
    from freehold.modify.convert import plan_gguf, with_recipe, write_plan
    from freehold.modify.recipe import Ingredient, Recipe

    checkpoint = open_checkpoint(folder)
    plan = plan_gguf(checkpoint, name, target, pre)  # before much is read
    parent = Ingredient(
        repository_of(checkpoint) or folder.resolve().name, _digest(checkpoint.files, progress)
    )
    recipe = Recipe("convert", (parent,), {"from": "safetensors", "to": target, "pre": pre})
    plan = with_recipe(plan, checkpoint, recipe)
    for note in plan.notes:
        progress.note(note)

    def check(path: Path) -> None:
        if load:
            _must_load(path, folder)

    with _quick() as quick:
        write = partial(write_plan, plan=plan, progress=progress, quick=quick)
        return own_made(store, Made(name, (), size=plan.size), write, check, progress)


def convert_file(
    given: Source, folder: Path, dtype: str | None = None, progress: Progress = SILENT
) -> tuple[Path, ...]:
    """Write a GGUF model as a new folder that transformers loads, and return its files.

    It appears whole or not at all. Raises FormatError, StorageError, UnsupportedModel, UsageError.
    """
    from freehold.formats.gguf import read_header
    from freehold.modify.convert_back import plan_folder, write_shard
    from freehold.modify.recipe import Ingredient, Recipe
    from freehold.store.durable import storage_errors, sync_file, sync_folder, write_durably

    recipe = Recipe(
        "convert", (Ingredient(given.name, given.sha256),), {"from": "gguf", "to": dtype}
    )
    plan = plan_folder(given.path, read_header(given.path), recipe, dtype)
    for note in plan.notes:
        progress.note(note)
    with (
        storage_errors(f"write {folder}"),
        _new_folder(folder, plan.size) as new,
        _quick() as quick,
        progress.task("Converting", plan.read) as task,
    ):
        for name, moves in plan.shards.items():
            with (new / name).open("wb") as file:
                write_shard(file, moves, task, quick)
            sync_file(new / name)
        for name, data in plan.files.items():
            write_durably(new / name, data)
        if given.licence is not None:
            write_durably(new / "LICENSE", given.licence.read_bytes())
        sync_folder(new)
    return tuple(sorted(path for path in folder.rglob("*") if path.is_file()))


@contextmanager
def _new_folder(folder: Path, size: int) -> Iterator[Path]:
    """A folder beside `folder` that takes its name at the end, unless something goes wrong."""
    from freehold.store.durable import TEMPORARY
    from freehold.store.space import require_space

    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise UsageError(f"{folder} is there already.", "Name a new folder.")
    folder = folder.absolute()
    folder.parent.mkdir(parents=True, exist_ok=True)
    require_space(folder.parent, size)
    new = folder.with_name(f".{folder.name}.{os.getpid()}{TEMPORARY}")
    new.mkdir()
    try:
        yield new
        if folder.exists():
            folder.rmdir()  # an empty one
        new.replace(folder)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


@contextmanager
def _quick() -> Iterator[Quickness]:
    from freehold.actions.open_tensors import quick_rounding
    from freehold.engine.compiled_blocks import compiled_decoders
    from freehold.modify.convert_numbers import Quickness

    with quick_rounding() as rounding:
        yield Quickness(rounding, compiled_decoders())


def _digest(files: tuple[Path, ...], progress: Progress) -> str:
    """What a checkpoint's weights are: the SHA-256 of its file; of several, that of the lines
    `SHA-256, two spaces, name`, in the order of their names, as sha256sum prints them.
    """
    from freehold.actions.modify_sources import sha256_of

    digests = {path.name: sha256_of(path, progress) for path in files}
    if len(digests) == 1:
        return next(iter(digests.values()))
    lines = "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items()))
    return hashlib.sha256(lines.encode()).hexdigest()


def _must_load(path: Path, folder: Path) -> None:
    from freehold.actions.open_subject import start_engine

    try:
        start_engine(path, None, 16).close()
    except EngineError as error:
        raise UsageError(
            f"What {folder} was converted into does not load: {error.message}",
            "Nothing was kept. --unchecked keeps it all the same.",
        ) from error
