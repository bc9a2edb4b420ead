"""The best of the owned models that fit: one that talks, fast enough where that is known, large.

Size stands for quality here: of owned models no benchmark is known, and within a family the larger
one answers better. Only kept figures are used; nothing is measured and nothing is fetched.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from freehold.actions.fit_words import SLOW
from freehold.errors import FormatError

if TYPE_CHECKING:
    from pathlib import Path

    from freehold.device.calibration import Calibration
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store


def best_owned(store: Store, settings: Settings, models: Sequence[OwnedModel]) -> OwnedModel | None:
    """The best of `models`; None when there are none. A calibration that is kept is used."""
    if len(models) < 2:
        return models[0] if models else None
    kept = _kept(settings.home)
    return max(models, key=lambda model: _rank(store, settings, model, kept))


def _rank(
    store: Store, settings: Settings, model: OwnedModel, calibration: Calibration | None
) -> tuple[bool, bool, int, float]:
    rate = None if calibration is None else _rate(store, settings, model, calibration)
    parameters = model.facts.get("parameters")
    size = parameters if isinstance(parameters, int) else model.size
    useful = rate is None or rate >= SLOW
    return bool(model.facts.get("chat")), useful, size, model.added_at.timestamp()


def _kept(home: Path) -> Calibration | None:
    """This machine's calibration. Which engine it was made with matters little for a choice."""
    from freehold.device.calibration import load_calibration
    from freehold.device.probe import fingerprint

    try:
        kept = load_calibration(home)
    except FormatError:
        return None  # damaged: `fit` says so and measures again; a choice can do without
    return kept if kept is not None and kept.device == fingerprint() else None


def _rate(
    store: Store, settings: Settings, model: OwnedModel, calibration: Calibration
) -> float | None:
    """Tokens a second that it would write; None for what cannot be predicted."""
    from freehold.actions.fit import DEPTH, USUAL_CONTEXT
    from freehold.actions.fit_subjects import owned_subject
    from freehold.device.estimates import RunShape
    from freehold.device.speed import predict_speed

    builds = owned_subject(store, model, settings).builds
    if not builds:
        return None
    shape = builds[0].shape
    return predict_speed(shape, RunShape(USUAL_CONTEXT), calibration, DEPTH).decode.expected
