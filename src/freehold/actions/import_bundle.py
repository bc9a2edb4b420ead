"""Import a bundle: look at what is in it, prove it, and own it, all of it or nothing.

The bundle's word is taken for where a model was seen and what was done to it. What the model is,
its own bytes say: its hash, and the header of its weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from freehold.actions.describe import licence_of, plain_facts
from freehold.errors import FormatError, NotFound
from freehold.progress import SILENT, Progress
from freehold.sources.interface import LicenceClaim, Role
from freehold.store.model import NewModel, OwnedModel, Sighting, model_id

if TYPE_CHECKING:
    from freehold.formats.gguf import GgufHeader
    from freehold.formats.gguf_facts import GgufFacts
    from freehold.store.bundle.contents import BundledModel
    from freehold.store.bundle.take import Locate
    from freehold.store.store import Store


@dataclass(frozen=True)
class ImportedModel:
    """A model that came in a bundle, and whether it was owned before."""

    model: OwnedModel
    was_owned: bool


@dataclass(frozen=True)
class Imported:
    """What `import_bundle` did: the models, and how many bytes it had to copy."""

    models: tuple[ImportedModel, ...]
    copied_bytes: int


def look_into(path: Path) -> tuple[BundledModel, ...]:
    """The models in a bundle, by its documents. Reads no weights and owns nothing."""
    from freehold.store.bundle.read import Bundle

    with Bundle.open(path) as bundle:
        return bundle.models


def import_bundle(
    store: Store, path: Path, *, only: Sequence[str] = (), progress: Progress = SILENT
) -> Imported:
    """Own the models in the bundle at `path`, or those of them that `only` names.

    Raises FormatError, HashMismatch, NotFound or StorageError; then nothing is owned.
    """
    from freehold.store.bundle.read import Bundle
    from freehold.store.bundle.take import take_models

    with Bundle.open(path) as bundle:
        for remark in bundle.remarks:
            progress.note(remark)
        models = _chosen(bundle.models, only)
        before = {model.id for model in store.models()}
        seen = Sighting.now(f"file:{bundle.name}")

        def prepare(model: BundledModel, locate: Locate) -> NewModel:
            return _new_model(model, seen, _facts_in(model, locate))

        taken = take_models(store, bundle, models, prepare, progress)
    known = {model_id(model.files) for model in models} & before
    return Imported(
        tuple(ImportedModel(model, model.id in known) for model in taken.models),
        taken.copied_bytes,
    )


def _chosen(models: tuple[BundledModel, ...], only: Sequence[str]) -> tuple[BundledModel, ...]:
    names = [model.name for model in models]
    for name in only:
        if name not in names:
            raise NotFound(
                f"There is no {name!r} in the bundle.", f"In it: {', '.join(names[:20])}."
            )
    return tuple(model for model in models if not only or model.name in only)


def _facts_in(model: BundledModel, locate: Locate) -> GgufFacts:
    """Read the header of every file of weights: each must be a model's, or all together one's."""
    from freehold.formats.gguf import read_header
    from freehold.formats.gguf_facts import read_facts
    from freehold.formats.split import check_split, split_facts

    found: list[GgufHeader] = []
    weights = [file for file in model.files if file.role == Role.WEIGHTS]
    for file in weights:
        try:
            found.append(read_header(locate(file.digest)))
            if file is weights[-1] and split_facts(found[0]) is not None:
                check_split(found)
        except FormatError as error:
            raise FormatError(
                f"What {file.name!r} holds is not a usable model: {error.message}",
                "Nothing was owned.",
            ) from error
    return read_facts(*(found if split_facts(found[0]) is not None else found[:1]))


def _new_model(model: BundledModel, seen: Sighting, header: GgufFacts) -> NewModel:
    story, facts = model.story, plain_facts(header)
    licence = story.licence
    if not model.is_ours and licence.spdx is None and licence.name is None:
        licence = licence_of(LicenceClaim(), header)
    return NewModel(
        name=story.name,
        files=model.files,
        licence=licence,
        sightings=(*story.sightings, seen),
        # Told facts stay, as far as the header doesn't say otherwise.
        facts={name: facts.get(name, told) for name, told in story.facts.items()} or facts,
        parents=story.parents,
        tags=story.tags,
        notes=story.notes,
        signatures=story.signatures,
    )
