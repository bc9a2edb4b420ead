"""An adapter from PEFT's format into one that the engine loads, and back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from freehold.errors import StorageError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def convert_adapter(
    store: Store, given: Source | Path, base: Source, name: str, progress: Progress = SILENT
) -> OwnedModel:
    """Own an adapter for the model `base`: a folder of PEFT's, or a GGUF adapter to be bound to it.

    Raises FormatError, UnsupportedModel, UsageError where it does not fit.
    """
    from freehold.actions.making import own_adapter
    from freehold.actions.modify_sources import sha256_of
    from freehold.formats.gguf import read_header
    from freehold.formats.lora import read_fitting
    from freehold.formats.peft import TENSORS, read_peft
    from freehold.modify.recipe import Ingredient, Recipe

    header = read_header(base.path)
    if isinstance(given, Path):
        lora, what = read_peft(given, header), sha256_of(given / TENSORS, progress)
    else:
        lora, what = read_fitting(given.path, header, base.name), given.sha256
    recipe = Recipe(
        "convert adapter",
        (Ingredient(base.name, base.sha256),),
        {"from": "peft" if isinstance(given, Path) else "gguf"},
        data_sha256=what,
    )
    return own_adapter(store, base, name, lora, recipe, "converted", progress)


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
