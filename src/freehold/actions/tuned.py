"""What tuning found, put to use: the engine and the plan for a model on this machine.

An engine that the owner named, by an option or a setting, is used; a tuning that was measured with
another one does not apply to it. Nothing measured with another machine, another model or another
version of the engine is used, and that is said.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.device.tuning import TunedPlan, Tuning, has_tuning, load_tuning
from freehold.errors import EngineError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine, LoadPlan
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel

_AGAIN = "Measure again: freehold tune {name}"


@dataclass(frozen=True)
class Chosen:
    """What to run a model with."""

    engine: Engine
    plan: TunedPlan | None = None
    """What tuning chose; None: the defaults."""


def choose_engine(
    settings: Settings,
    model: OwnedModel,
    named: str | None = None,
    progress: Progress = SILENT,
) -> Chosen:
    """The engine for `model` and what tuning found; `named` is the engine that a command names.

    Raises what `engine_for` raises.
    """
    from freehold.actions.engines import engine_for, identity_of

    tuning = tuning_for(settings, model, progress)
    wanted = named or chosen_by_owner(settings)
    if tuning is None or wanted not in (None, tuning.plan.engine):
        return Chosen(engine_for(settings, named))
    again = _AGAIN.format(name=model.name)
    try:
        engine = engine_for(settings, tuning.plan.engine)
        version = identity_of(settings, engine).version
    except EngineError as error:
        progress.note(
            f"{model.name} was tuned with an engine that is gone: {error.message} {again}"
        )
        return Chosen(engine_for(settings, named))
    if version != tuning.engine_version:
        progress.note(
            f"{model.name} was tuned with version {tuning.engine_version} of the engine "
            f"{tuning.plan.engine}, and it is {version} now: the defaults are used. {again}"
        )
        return Chosen(engine_for(settings, named))
    return Chosen(engine, tuning.plan)


def chosen_by_owner(settings: Settings) -> str | None:
    """The engine that a setting or `freehold engine use` names; None where nobody chose."""
    from freehold.actions.engines import BUNDLED, chosen_name

    name = chosen_name(settings)
    return name if settings.engine or name != BUNDLED else None


def tuning_for(settings: Settings, model: OwnedModel, progress: Progress = SILENT) -> Tuning | None:
    """What is kept for that model on this machine. Costs next to nothing where nothing is."""
    digest = model.weights.digest.hex
    if not has_tuning(settings.home, digest):
        return None
    from freehold.device.probe import fingerprint

    found = load_tuning(settings.home, digest, fingerprint())
    if found.trouble is not None:
        progress.note(found.trouble)
    return found.tuning


def tuned_plan(plan: LoadPlan, tuned: TunedPlan | None) -> LoadPlan:
    """The plan with everything that tuning chose and the owner left open."""
    if tuned is None:
        return plan
    from freehold.engine.load_plan import Speculation, SpeculationKind

    if plan.threads is None:
        plan = replace(plan, threads=tuned.threads, batch_threads=tuned.batch_threads)
    guessing = tuned.speculation and Speculation(
        SpeculationKind(tuned.speculation),
        match=tuned.speculation_match,
        longest=tuned.speculation_longest,
    )
    return replace(
        plan,
        batch=tuned.batch,
        micro_batch=tuned.micro_batch,
        flash_attention=tuned.flash_attention,
        key_type=tuned.key_type,
        value_type=tuned.value_type,
        speculation=guessing or None,
        repack=tuned.repack,
        memory_map=tuned.memory_map,
    )
