"""Own a model with other metadata in its file: the tensors' bytes as they are, the header new."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.making import Made, own_made, parents_of
from freehold.actions.recipe import TEMPLATE
from freehold.errors import EngineError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.modify.metadata import Edits
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def edit_file(
    store: Store,
    base: Source,
    edits: Edits,
    name: str,
    *,
    load: bool = True,
    progress: Progress = SILENT,
) -> OwnedModel:
    """Own it under `name`; with `load` only if the engine loads the new file.

    Raises UsageError for edits that make no sense or a file that no longer loads.
    """
    from freehold.formats.tensor_data import TensorData
    from freehold.modify.metadata import check_same_tensors, edited, write_edited
    from freehold.modify.recipe import Ingredient, Recipe

    recipe = Recipe(
        "edit",
        (Ingredient(base.name, base.sha256),),
        {
            "set": dict(edits.values),
            "removed": list(edits.removed),
            "template": edits.template is not None,
            "system": edits.system is not None,
        },
    )
    with TensorData.open(base.path) as original:
        entries = edited(original.header, edits, recipe)

        def check(path: Path) -> None:
            with TensorData.open(path) as new:
                check_same_tensors(original, new)
            if load:
                _must_load(path, base)

        parents = parents_of([base], "edited", _detail(edits))
        made = Made(
            name, parents, like=_without_template(base, edits), size=base.path.stat().st_size
        )
        write = partial(write_edited, original=original, entries=entries, progress=progress)
        return own_made(store, made, write, check, progress)


def _must_load(path: Path, base: Source) -> None:
    from freehold.actions.open_subject import start_engine

    try:
        start_engine(path, None, 16).close()
    except EngineError as error:
        raise UsageError(
            f"With that, {base.name} would no longer load: {error.message}",
            "Nothing was kept. --unchecked keeps it all the same.",
        ) from error


def _without_template(base: Source, edits: Edits) -> OwnedModel | None:
    """A template beside the weights would hide a new one inside."""
    if base.owned is None or (edits.template is None and edits.system is None):
        return base.owned
    files = tuple(file for file in base.owned.files if file.role != TEMPLATE)
    return replace(base.owned, files=files)


def _detail(edits: Edits) -> str:
    words = [f"{key}={value}" for key, value in edits.values.items()]
    words += [f"without {key}" for key in edits.removed]
    words += [word for word in ("template", "system", "name") if getattr(edits, word) is not None]
    return ", ".join(words)[:200]
