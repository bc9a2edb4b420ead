"""An adapter from PEFT's format into one that the engine loads, and back."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import StorageError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def own_adapter(
    store: Store, given: Source | Path, base: Source, name: str, progress: Progress = SILENT
) -> OwnedModel:
    """Own an adapter for the model `base`: a folder of PEFT's, or a GGUF adapter to be bound to it.

    Raises FormatError, UnsupportedModel, UsageError where it does not fit.
    """
    from freehold.actions.making import Made, own_made, parents_of
    from freehold.formats.gguf import read_header
    from freehold.formats.lora import read_fitting, write_lora
    from freehold.formats.lora_header import check_fits
    from freehold.formats.peft import TENSORS, read_peft
    from freehold.modify.recipe import Ingredient, Recipe, carried_entries, recipe_entries

    header = read_header(base.path)
    if isinstance(given, Path):
        lora, what = read_peft(given, header), _sha256(given / TENSORS, progress)
    else:
        lora, what = read_fitting(given.path, header, base.name), given.sha256
    recipe = Recipe(
        "convert adapter",
        (Ingredient(base.name, base.sha256),),
        {"from": "peft" if isinstance(given, Path) else "gguf"},
        data_sha256=what,
    )
    lora = replace(
        lora,
        name=name,
        base_name=None,
        base_sha256=base.sha256,
        more=(*carried_entries(header), *recipe_entries(recipe)),
    )
    parents = parents_of([base.owned] if base.owned else [], "adapter for", "converted")
    made = Made(name, parents, like=base.owned, whole=False)

    def fits(path: Path) -> None:
        check_fits(read_header(path), header, name, base.name)

    return own_made(store, made, partial(write_lora, lora=lora), fits, progress)


def write_peft(given: Source, base: Source, folder: Path) -> tuple[Path, ...]:
    """Write a GGUF adapter as a folder that PEFT loads, for the model that `base` came from.

    Raises UsageError for a folder that has something in it, UnsupportedModel.
    """
    from freehold.formats.gguf import read_header
    from freehold.formats.lora import read_fitting
    from freehold.formats.peft import peft_files
    from freehold.store.durable import write_durably

    header = read_header(base.path)
    files = peft_files(read_fitting(given.path, header, base.name), header)
    try:
        if folder.exists() and any(folder.iterdir()):
            raise UsageError(f"{folder} has something in it.", "Name a new folder.")
        folder.mkdir(parents=True, exist_ok=True)
        for name, data in files.items():
            write_durably(folder / name, data)
    except OSError as error:
        raise StorageError(f"{folder} cannot be written: {error.strerror}.") from error
    return tuple(folder / name for name in files)


def _sha256(path: Path, progress: Progress) -> str:
    from freehold.store.hashing import hash_file

    if not path.is_file():
        raise StorageError(
            f"{path} is not there.",
            "An adapter of PEFT's is a folder with adapter_config.json and it.",
        )
    with progress.task(path.name, path.stat().st_size) as task:
        return hash_file(path, task).digest.hex
