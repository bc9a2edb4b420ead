"""How a file was made, written into the file itself: what, from what, with which versions.

Nothing of whose machine it was: no path, no user, no time. A licence and a lineage that the parent
stated go on with the new file.
"""

from __future__ import annotations

import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from freehold import __version__
from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text
from freehold.formats.gguf_types import ValueType
from freehold.formats.gguf_write import Entry, entries_of

KEY = "freehold.recipe"
"""The metadata key under which a recipe stands, as JSON."""
_LOCAL = re.compile(r"^\s*(?:/|~|\.{1,2}[/\\]|[A-Za-z]:[/\\]|\\\\|file:)", re.IGNORECASE)
_CARRIED = ("general.license", "general.languages")


@dataclass(frozen=True)
class Ingredient:
    """A file that went into another: what it is called, and the SHA-256 of its bytes."""

    name: str
    sha256: str


@dataclass(frozen=True)
class Recipe:
    """What was done."""

    operation: str
    parents: tuple[Ingredient, ...]
    options: Mapping[str, object] = field(default_factory=dict)
    data_sha256: str | None = None
    """Of the texts that it was made with; None where there were none."""
    seed: int | None = None

    def text(self) -> str:
        """As it is written into the file."""
        said = {
            "operation": self.operation,
            "parents": [{"name": each.name, "sha256": each.sha256} for each in self.parents],
            "options": dict(self.options),
            "data_sha256": self.data_sha256,
            "seed": self.seed,
            "versions": {
                "freehold": __version__,
                "numpy": np.__version__,
                "python": platform.python_version(),
            },
        }
        return json.dumps({key: value for key, value in said.items() if value is not None})


def recipe_entries(recipe: Recipe) -> list[Entry]:
    """The metadata of a new file that say how it was made, and from what."""
    entries = [
        Entry(KEY, ValueType.STRING, recipe.text()),
        Entry("general.base_model.count", ValueType.UINT32, len(recipe.parents)),
    ]
    for index, parent in enumerate(recipe.parents):
        key = f"general.base_model.{index}.name"
        entries.append(Entry(key, ValueType.STRING, parent.name))
    return entries


def recipe_in(header: GgufHeader) -> Recipe | None:
    """The recipe that stands in a file; None where there is none, or it cannot be read.

    It may be other people's: what is of a wrong type is as good as missing.
    """
    try:
        said = json.loads(text(header, KEY) or "")
        parents = tuple(Ingredient(str(e["name"]), str(e["sha256"])) for e in said["parents"])
        operation, options = str(said["operation"]), dict(said.get("options", {}))
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    data, seed = said.get("data_sha256"), said.get("seed")
    return Recipe(
        operation,
        parents,
        options,
        data if isinstance(data, str) else None,
        seed if isinstance(seed, int) and seed >= 0 else None,
    )


def is_local(words: str) -> bool:
    """Whether a text names a place on somebody's disk."""
    return _LOCAL.match(words) is not None


def carried_entries(base: GgufHeader) -> list[Entry]:
    """What an adapter or vector takes over from the model it is for: licence and languages."""
    return [entry for entry in entries_of(base) if entry.key.startswith(_CARRIED)]


def without_paths(entries: Iterable[Entry]) -> list[Entry]:
    """Metadata without what names a place on somebody's disk, as some converters leave behind."""
    return [
        entry
        for entry in entries
        if not (
            entry.key.startswith("general.")
            and isinstance(entry.value, str)
            and entry.key.rpartition(".")[2] in {"url", "repo_url", "path", "name", "source"}
            and is_local(entry.value)
        )
    ]


def without_local(value: object) -> object:
    """A JSON value without the texts in it that name a place on somebody's disk."""
    if isinstance(value, dict):
        kept = {key: without_local(each) for key, each in value.items()}
        return {key: each for key, each in kept.items() if each is not None}
    if isinstance(value, list):
        return [without_local(each) for each in value]
    return None if isinstance(value, str) and is_local(value) else value


def replaced(entries: Sequence[Entry], new: Sequence[Entry]) -> list[Entry]:
    """`entries` with those of `new` in the place of any of the same key, or at the end."""
    left = {entry.key: entry for entry in new}
    kept = [left.pop(entry.key, entry) for entry in entries]
    return [*kept, *left.values()]


def new_metadata(base: GgufHeader, recipe: Recipe) -> list[Entry]:
    """A whole model's metadata with another recipe and lineage in it, and no path."""
    old = [
        entry
        for entry in without_paths(entries_of(base))
        if not entry.key.startswith("general.base_model.")
    ]
    return replaced(old, recipe_entries(recipe))
