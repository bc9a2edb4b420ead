"""Where a model comes from and what was made of it, as far as the ledger knows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from freehold.store.model import OwnedModel, Parent


@dataclass(frozen=True)
class Ancestor:
    """A model that another was made from. `model` is None when it is not owned (any more)."""

    parent: Parent
    model: OwnedModel | None
    ancestors: tuple[Ancestor, ...]


@dataclass(frozen=True)
class Lineage:
    """A model between what it was made from and what was made from it."""

    model: OwnedModel
    ancestors: tuple[Ancestor, ...]
    children: tuple[OwnedModel, ...]


def lineage(model: OwnedModel, models: Sequence[OwnedModel]) -> Lineage:
    """The whole chain above a model, and the models right below it."""
    owned = {known.id: known for known in models}
    children = tuple(
        known for known in models if any(parent.id == model.id for parent in known.parents)
    )
    return Lineage(model, _above(model, owned, frozenset({model.id})), children)


def _above(
    model: OwnedModel, owned: dict[str, OwnedModel], seen: frozenset[str]
) -> tuple[Ancestor, ...]:
    """A model in its own ancestry is a mistake in some record; the chain just ends there."""
    found: list[Ancestor] = []
    for parent in model.parents:
        known = owned.get(parent.id)
        further = known is not None and parent.id not in seen
        above = _above(known, owned, seen | {parent.id}) if further and known else ()
        found.append(Ancestor(parent, known, above))
    return tuple(found)
