"""From proven files to an owned model: what every way of owning one has to do the same.

A file of weights must read as a model before it counts; the ledger's facts come from its header.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

from freehold.actions.describe import beside_facts, licence_of, plain_facts
from freehold.errors import FormatError, NotFound
from freehold.names import slug
from freehold.sources.interface import LicenceClaim, Role
from freehold.store.model import NewModel, OwnedFile, Sighting, model_id

if TYPE_CHECKING:
    from collections.abc import Sequence

    from freehold.formats.gguf import GgufHeader
    from freehold.formats.gguf_facts import GgufFacts
    from freehold.store.model import Fact
    from freehold.store.store import Store

_LICENCE_LIMIT = 1_000_000
"""Bytes of a licence text that are looked at."""


def must_be_a_model(path: Path, name: str) -> None:
    """Raise FormatError when a file that is called a GGUF, or begins as one, is none."""
    from freehold.formats.gguf import read_header

    if not _is_gguf(path, name):
        return
    try:
        read_header(path)
    except FormatError as error:
        raise FormatError(
            f"What {name} holds is not a usable model: {error.message}",
            error.hint or "Nothing was kept as owned.",
        ) from error


def describe_new(
    store: Store,
    name: str,
    files: tuple[OwnedFile, ...],
    sightings: tuple[Sighting, ...],
    claim: LicenceClaim,
) -> NewModel:
    """The model that these owned files make, with its facts and its licence.

    Of weights in another format than GGUF only the format is known. Raises NotFound when no file
    is weights, FormatError when those are no model.
    """
    weights = [file for file in files if file.role == Role.WEIGHTS]
    if not weights:
        raise NotFound(f"{sightings[0].ref} holds no model file.", "Ask for one by name: REF:file.")
    facts, kept = _facts(store, weights)
    text = next((file for file in files if file.role == Role.LICENCE), None)
    licence = licence_of(claim, facts)
    if text is not None:
        if licence.kind == "unknown":
            licence = licence_of(LicenceClaim(name=_named(store.blob_path(text.digest))), facts)
        licence = replace(licence, text_digest=text.digest)
    return NewModel(
        name=slug(name),
        files=files,
        licence=licence,
        sightings=sightings,
        facts=kept,
    )


def with_story(new: NewModel, story: bytes, whose: str) -> NewModel:
    """The model with what another owner knew of it: lineage, sightings, and who vouches for it.

    Raises FormatError when that is not well formed, or is told of another model.
    """
    from freehold.store.bundle.provenance import read_story

    told = read_story(story, model_id(new.files), f"The story that {whose} tells")
    return replace(
        new,
        parents=told.parents,
        sightings=(*new.sightings, *told.sightings),
        signatures=told.signatures,
    )


def _facts(store: Store, weights: list[OwnedFile]) -> tuple[GgufFacts | None, dict[str, Fact]]:
    """What the file says, as far as it is a GGUF, and what the ledger keeps of it."""
    from freehold.formats.beside import read_beside
    from freehold.formats.gguf_facts import read_facts

    if not _is_gguf(store.blob_path(weights[0].digest), weights[0].name):
        return None, {"format": PurePath(weights[0].name).suffix[1:]}
    parts = read_parts([store.blob_path(file.digest) for file in weights])
    facts = read_facts(*parts)
    beside = read_beside(parts[0])
    return facts, plain_facts(facts) if beside is None else beside_facts(beside, facts.name)


def read_parts(paths: Sequence[Path]) -> list[GgufHeader]:
    """The header of a model; of a split one those of all its parts, proven to belong together.

    Raises FormatError.
    """
    from freehold.formats.gguf import read_header
    from freehold.formats.split import check_split, split_facts

    first = read_header(paths[0])
    if split_facts(first) is None:
        return [first]
    parts = [first, *(read_header(path) for path in paths[1:])]
    check_split(parts)
    return parts


def read_whole(paths: Sequence[Path]) -> GgufHeader:
    """The same as one header, which holds the tensors of all the parts. Raises FormatError."""
    from freehold.formats.split import joined

    return joined(read_parts(paths))


def _is_gguf(path: Path, name: str) -> bool:
    """By its name or, since registries have layers without names, by how it begins."""
    if name.lower().endswith(".gguf"):
        return True
    with path.open("rb") as file:
        return file.read(4) == b"GGUF"


def _named(text: Path) -> str | None:
    from freehold.store.licences import name_in_text

    with text.open("rb") as file:
        return name_in_text(file.read(_LICENCE_LIMIT).decode(errors="replace"))
