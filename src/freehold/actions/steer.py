"""Make a control vector for an owned model out of contrasting texts."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from freehold.actions.making import Made, check_name, own_made, parents_of
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.modify_sources import Source
    from freehold.modify.contrast import Contrast
    from freehold.modify.steering import Steering, Way
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store
    from freehold.study.subject import Subject


@dataclass(frozen=True)
class Steered:
    """What was made, and what was found on the way."""

    model: OwnedModel
    steering: Steering


def steer(
    store: Store,
    base: Source,
    contrast: Contrast,
    name: str,
    way: Way,
    layers: tuple[int, int] | None,
    progress: Progress = SILENT,
) -> Steered:
    """Own a control vector; `layers` are those it pushes, the middle half of the model if None.

    Raises UsageError, ContextExceeded for a text that is too long, UnsupportedModel.
    """
    from freehold.actions.modify_sources import opened
    from freehold.actions.open_subject import spare_memory
    from freehold.formats.control_vector import ControlVector, write_vector
    from freehold.formats.gguf_lookup import text
    from freehold.modify.recipe import Ingredient, Recipe, carried_entries, recipe_entries
    from freehold.modify.steering import find_directions

    check_name(store, name)
    with opened(base, spare_memory()) as subject:
        header, count = subject.header, subject.transformer.config.layers
        toward, away = (
            [_ids(subject, each) for each in side] for side in (contrast.toward, contrast.away)
        )
        subject.rest()
        chosen = layers or (max(1, count // 4), max(1, min(count - 1, 3 * count // 4)))
        found = find_directions(subject.transformer, toward, away, way, chosen, progress)
    recipe = Recipe(
        "steer",
        (Ingredient(base.name, base.sha256),),
        {"way": way, "layers": list(chosen), "texts": [len(toward), len(away)]},
        data_sha256=contrast.digest,
    )
    vector = ControlVector(
        directions=found.directions,
        model_hint=text(header, "general.architecture"),
        name=name,
        base_sha256=base.sha256,
        more=(*carried_entries(header), *recipe_entries(recipe)),
    )
    detail = f"{way} of {len(toward)} against {len(away)} texts"
    parents = parents_of([base], "control vector for", detail)
    made = Made(name, parents, like=base.owned, whole=False)
    write = partial(write_vector, vector=vector)
    return Steered(own_made(store, made, write, progress=progress), found)


def _ids(subject: Subject, text: str) -> list[int]:
    ids = subject.tokenize(text, special=True)
    subject.check_length(ids)
    return ids
