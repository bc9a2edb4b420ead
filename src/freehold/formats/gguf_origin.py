"""Where a model comes from and on what terms, as its header says it.

The licence is the file's own word: a claim, often a lower-case SPDX name ("apache-2.0"), sometimes
the name a model site uses ("gemma", "other"). What it means in plain words is not decided here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from freehold.formats.gguf import GgufHeader
from freehold.formats.gguf_lookup import text, texts


@dataclass(frozen=True)
class Parent:
    """A model or a data set that this model was made from."""

    name: str | None
    author: str | None
    organization: str | None
    version: str | None
    url: str | None
    """A page about it."""
    repository: str | None
    """Where it is kept."""


@dataclass(frozen=True)
class Origin:
    """Who made the model, out of what, and on what terms."""

    licence: str | None
    licence_name: str | None
    licence_link: str | None
    author: str | None
    organization: str | None
    version: str | None
    basename: str | None
    finetune: str | None
    size_label: str | None
    description: str | None
    quantized_by: str | None
    url: str | None
    repository: str | None
    source_url: str | None
    """What this file was converted from."""
    source_repository: str | None
    languages: tuple[str, ...]
    tags: tuple[str, ...]
    base_models: tuple[Parent, ...]
    """More than one for a merge."""
    datasets: tuple[Parent, ...]


def read_origin(header: GgufHeader) -> Origin:
    """Gather what the header says of licence and lineage."""

    def general(name: str) -> str | None:
        return text(header, f"general.{name}")

    return Origin(
        licence=general("license"),
        licence_name=general("license.name"),
        licence_link=general("license.link"),
        author=general("author"),
        organization=general("organization"),
        version=general("version"),
        basename=general("basename"),
        finetune=general("finetune"),
        size_label=general("size_label"),
        description=general("description"),
        quantized_by=general("quantized_by"),
        url=general("url"),
        repository=general("repo_url"),
        source_url=general("source.url"),
        source_repository=general("source.repo_url"),
        languages=texts(header, "general.languages"),
        tags=texts(header, "general.tags"),
        base_models=_parents(header, "general.base_model"),
        datasets=_parents(header, "general.dataset"),
    )


def _parents(header: GgufHeader, prefix: str) -> tuple[Parent, ...]:
    # The entries themselves are looked for: the count beside them is only a promise.
    numbered = re.compile(re.escape(prefix) + r"\.([0-9]{1,5})\.")
    matches = (numbered.match(key) for key in header.metadata)
    found = []
    for index in sorted({int(match[1]) for match in matches if match}):
        parent = Parent(
            name=text(header, f"{prefix}.{index}.name"),
            author=text(header, f"{prefix}.{index}.author"),
            organization=text(header, f"{prefix}.{index}.organization"),
            version=text(header, f"{prefix}.{index}.version"),
            url=text(header, f"{prefix}.{index}.url"),
            repository=text(header, f"{prefix}.{index}.repo_url"),
        )
        if parent != Parent(None, None, None, None, None, None):
            found.append(parent)
    return tuple(found)
