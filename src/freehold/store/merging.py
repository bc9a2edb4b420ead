"""How a model becomes owned, and what an owned one gains when it is got again."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from freehold.store.model import MAX_SIGNATURES, NewModel, OwnedModel, Sighting, now


def new_model(model: NewModel, identity: str, name: str) -> OwnedModel:
    """A model owned from now on."""
    return OwnedModel(
        id=identity,
        name=name,
        files=model.files,
        licence=model.licence,
        sightings=model.sightings,
        added_at=now(),
        facts=dict(model.facts),
        parents=model.parents,
        tags=model.tags,
        notes=model.notes,
        signatures=model.signatures[:MAX_SIGNATURES],
    )


def merged(owned: OwnedModel, model: NewModel) -> OwnedModel:
    """An owned model with what another copy of it tells that was not known.

    What the owner chose (name, notes, pin) and what was known first stays.
    """
    have = {file.digest for file in owned.files}
    licence = owned.licence if owned.licence.kind != "unknown" else model.licence
    if licence.text_digest is None and licence.spdx == model.licence.spdx:
        licence = replace(licence, text_digest=model.licence.text_digest)
    owned = seen_also(owned, model.sightings)
    return replace(
        owned,
        files=owned.files + tuple(file for file in model.files if file.digest not in have),
        licence=licence,
        facts={**model.facts, **owned.facts},
        parents=tuple(dict.fromkeys(owned.parents + model.parents)),
        tags=tuple(dict.fromkeys(owned.tags + model.tags)),
        notes=owned.notes or model.notes,
        signatures=tuple(dict.fromkeys(owned.signatures + model.signatures))[:MAX_SIGNATURES],
    )


def seen_also(owned: OwnedModel, sightings: tuple[Sighting, ...]) -> OwnedModel:
    """The model with more places where it was seen, each once, with the first time."""
    places: dict[tuple[str, str | None, str | None], Sighting] = {}
    for seen in owned.sightings + sightings:
        key = (seen.ref, seen.url, seen.revision)
        if key not in places or seen.seen_at < places[key].seen_at:
            places[key] = seen
    return replace(owned, sightings=tuple(places.values()))


def unique_name(wanted: str, taken: Collection[str]) -> str:
    """`wanted`, or it with the first number that makes it unlike all taken."""
    name, number = wanted, 1
    while name in taken:
        number += 1
        name = f"{wanted}-{number}"
    return name
