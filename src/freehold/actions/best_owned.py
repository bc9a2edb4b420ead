"""The best of the owned models that fit: one that talks, fast enough where that is known, large.

Size stands for quality here: of owned models no benchmark is known, and within a family the larger
one answers better. Only kept figures are used; nothing is measured and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freehold.actions.fit_words import SLOW

if TYPE_CHECKING:
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def best_owned(store: Store, models: Sequence[OwnedModel]) -> OwnedModel | None:
    """The best of `models`; None when there are none."""
    if len(models) < 2:
        return models[0] if models else None
    return max(models, key=lambda model: _rank(store, model))


def _rank(store: Store, model: OwnedModel) -> tuple[bool, bool, int, float]:
    rate = owned_rate(store, model)
    parameters = model.facts.get("parameters")
    size = parameters if isinstance(parameters, int) else model.size
    useful = rate is None or rate >= SLOW
    return bool(model.facts.get("chat")), useful, size, model.added_at.timestamp()
