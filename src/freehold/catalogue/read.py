"""Read the catalogue's one data file into entries, once, when first asked.

The file is `models.toml` beside this module. It is part of the package, so a mistake in it is ours:
reading trusts it, and the tests hold it against its schema and against itself (`check`).
"""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from importlib.resources import files
from typing import Any

from freehold.catalogue.entry import (
    CatalogueEntry,
    Experts,
    Hybrid,
    LatentAttention,
    LicenceClaim,
    Mixer,
    PublishedFile,
    Quality,
    Shape,
    Source,
    Task,
)

_OWN = {"licence", "tasks", "sources", "shape", "shape_sources", "languages", "quality", "files"}
_PARTS = {"experts", "latent", "hybrid"}


@cache
def entries() -> tuple[CatalogueEntry, ...]:
    """Every model in the catalogue, in the file's order."""
    return tuple(read_entry(table) for table in document()["model"])


@cache
def sources() -> dict[str, Source]:
    """Where the figures were read, by the short names that entries use."""
    return {name: _source(name, table) for name, table in document()["source"].items()}


def find(name: str) -> CatalogueEntry | None:
    """The entry with this id or title, or None; capitals do not matter."""
    wanted = name.casefold()
    return next((each for each in entries() if wanted in _names(each)), None)


@cache
def document() -> dict[str, Any]:
    """The data file as plain tables, for the checks."""
    text = files("freehold.catalogue").joinpath("models.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def _source(name: str, table: dict[str, str]) -> Source:
    return Source(name, table["title"], table["url"], date.fromisoformat(table["read"]))


def _names(entry: CatalogueEntry) -> set[str]:
    return {entry.id, entry.title.casefold()}


def read_entry(table: dict[str, Any]) -> CatalogueEntry:
    """One entry from its table, which must be as the schema has it."""
    plain = {key: value for key, value in table.items() if key not in _OWN}
    return CatalogueEntry(
        **plain,
        licence=LicenceClaim(**table["licence"]),
        tasks=tuple(Task(each) for each in table["tasks"]),
        sources=tuple(table["sources"]),
        shape=_shape(table["shape"]) if "shape" in table else None,
        shape_sources=tuple(table.get("shape_sources", ())),
        languages=tuple(table.get("languages", ())),
        quality=tuple(Quality(**each) for each in table.get("quality", ())),
        files=tuple(PublishedFile(**each) for each in table.get("files", ())),
    )


def _shape(table: dict[str, Any]) -> Shape:
    plain = {key: value for key, value in table.items() if key not in _PARTS}
    experts, latent, hybrid = (table.get(part) for part in ("experts", "latent", "hybrid"))
    return Shape(
        **plain,
        experts=Experts(**experts) if experts else None,
        latent=LatentAttention(**latent) if latent else None,
        hybrid=_hybrid(hybrid) if hybrid else None,
    )


def _hybrid(table: dict[str, Any]) -> Hybrid:
    plain = {key: value for key, value in table.items() if key not in {"mixer", "attend_at"}}
    return Hybrid(Mixer(table["mixer"]), attend_at=tuple(table.get("attend_at", ())), **plain)
