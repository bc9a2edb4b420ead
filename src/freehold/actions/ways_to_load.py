"""The ways in which a served model could be loaded, the most generous first, and what each takes.

What the owner chose stays; what was left open shrinks where memory is short.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.actions.load import (
    LoadChoices,
    choose_context,
    memory_needed,
    plan_loading,
    predict_memory,
)
from freehold.actions.pooling import must_rank, pooling_for
from freehold.actions.tuned import tuned_plan
from freehold.errors import FormatError

if TYPE_CHECKING:
    from freehold.device.tuning import TunedPlan
    from freehold.engine.interface import LoadPlan
    from freehold.engine.load_plan import Purpose
    from freehold.store.libraries import Found

_USUAL_PARALLEL = (4, 2, 1)
_USUAL_CONTEXT = (8192, 4096)


@dataclass(frozen=True)
class Wishes:
    """What the owner chose for every served model, or left open."""

    context: int | None = None
    """Tokens that one request may hold; None: up to 8192, fewer where memory is short."""
    parallel: int | None = None
    """Requests at once to one model; None: 4, fewer where memory is short."""
    threads: int | None = None


@dataclass(frozen=True)
class Way:
    """One way to load a model."""

    plan: LoadPlan
    need: int
    """Bytes of memory that it takes."""


def ways_to_load(
    found: Found, purpose: Purpose, wishes: Wishes, tuned: TunedPlan | None
) -> list[Way]:
    """At least one. Raises UsageError for a context that is none, ModelRefused for a model that
    cannot serve the purpose.
    """
    if purpose == "rerank":
        must_rank(found.store.blob_path(found.model.weights.digest), found.model.name)
    plans = [_plan(found, purpose, wishes, tuned, *shape) for shape in _shapes(found, wishes)]
    return [Way(plan, _need(found, plan)) for plan in plans]


def _shapes(found: Found, wishes: Wishes) -> list[tuple[int, int]]:
    """Contexts and how many of them."""
    wanted = _USUAL_CONTEXT if wishes.context is None else (wishes.context,)
    contexts = [
        choose_context(found.model, LoadChoices(context=_at_most_trained(found, each)))
        for each in wanted
    ]
    parallels = _USUAL_PARALLEL if wishes.parallel is None else (wishes.parallel,)
    return [(context, parallel) for context in dict.fromkeys(contexts) for parallel in parallels]


def _at_most_trained(found: Found, context: int) -> int:
    trained = found.model.facts.get("context_length")
    return min(context, trained) if isinstance(trained, int) and trained > 0 else context


def _plan(
    found: Found,
    purpose: Purpose,
    wishes: Wishes,
    tuned: TunedPlan | None,
    context: int,
    parallel: int,
) -> LoadPlan:
    base = plan_loading(found.store, found.model, context, wishes.threads)
    plan = replace(tuned_plan(base, tuned), parallel=parallel)
    if purpose == "answer":
        return plan
    return replace(
        plan,
        purpose=purpose,
        pooling=pooling_for(plan.weights) if purpose == "embed" else None,
        projector=None,
        speculation=None,
        batch=context,  # each text is computed in one go to become one vector
        micro_batch=context,
    )


def _need(found: Found, plan: LoadPlan) -> int:
    projector = plan.projector.stat().st_size if plan.projector else 0
    try:
        return predict_memory(found.store, found.model, plan).least + projector
    except FormatError:  # a header that says too little: by the ledger's facts
        return memory_needed(found.model, plan.context * plan.parallel) + projector
