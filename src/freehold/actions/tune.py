"""Tune a model on this machine: measure what can be chosen, keep what is better.

The result is kept only after the winner has been measured directly beside the defaults, so that
what every later command uses has never been slower when it was looked at.
"""

from __future__ import annotations

import math
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from freehold.actions.other_programs import NOTICEABLE, other_programs
from freehold.actions.tune_changes import every_kind, in_words
from freehold.actions.tune_measure import Measurer
from freehold.actions.tune_search import Record, Search, Trial, choose
from freehold.actions.tune_verdict import Figure, Verdict, false_alarm, interval
from freehold.actions.tuned import chosen_by_owner
from freehold.device.tuning import Gain, TriedChange, TunedPlan, Tuning, save_tuning
from freehold.errors import UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.engine.interface import Engine
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

MINUTES = 5.0
"""How long a tuning may take when nothing is said."""
_MEASUREMENTS = 120
"""How many figures such a tuning measures, roughly: each gets its share of the time."""


@dataclass(frozen=True)
class TuneChoices:
    """What the owner chose, or left open."""

    minutes: float = MINUTES
    context: int | None = None
    engine: str | None = None
    """The only engine to use; None tries those that are here."""
    quantized_caches: bool = False
    """Whether caches that change answers may be tried."""

    def __post_init__(self) -> None:
        if not 0 < self.minutes <= 24 * 60:
            raise UsageError(f"A tuning takes between 0 and 1440 minutes, not {self.minutes:g}.")


Engines = Callable[[str], "Engine"]


def tune(
    settings: Settings,
    store: Store,
    model: OwnedModel,
    choices: TuneChoices,
    progress: Progress = SILENT,
    engines: Engines | None = None,
) -> tuple[Tuning, Record]:
    """Search, compare, keep. Raises EngineError, NotEnoughMemory, DamagedModel.

    `engines` stands in for the engines that are here. Ctrl-C ends the search and goes on to the
    last comparison; a second one leaves everything as it was.
    """
    from freehold.device.probe import fingerprint, processor

    measurer = prepare(settings, store, model, choices.context, progress, engines)
    names = _engine_names(settings, choices) if engines is None else [TunedPlan().engine]
    default = TunedPlan(engine=names[0])
    end = time.monotonic() + choices.minutes * 60
    measurer = measurer.suited(default, choices.minutes * 60 / _MEASUREMENTS)
    kinds = every_kind(processor(), names[1:], quantized_caches=choices.quantized_caches)
    with progress.task(f"Tuning {model.name}", unit="changes") as task, other_programs() as others:

        def tell(trial: Trial) -> None:
            task.advance(1)
            progress.note(trial_in_words(trial))

        record = Search(default, measurer, lambda: end - time.monotonic(), tell).run(kinds)
    if others.share > NOTICEABLE:
        progress.note(
            f"Other programs used {others.share:.0%} of the processor meanwhile: on a machine at "
            "rest, more can be told apart."
        )
    tuning = _result(settings, model, record, fingerprint(), measurer)
    save_tuning(settings.home, tuning)
    return tuning, record


def prepare(
    settings: Settings,
    store: Store,
    model: OwnedModel,
    context: int | None,
    progress: Progress,
    engines: Engines | None = None,
) -> Measurer:
    """What measures plans for `model`: its bytes are proven and there is memory for it."""
    from freehold.actions.engines import engine_for
    from freehold.actions.load import (
        LoadChoices,
        check_memory,
        choose_context,
        plan_loading,
        prove,
    )

    prove(store, model, progress)
    plan = plan_loading(store, model, choose_context(model, LoadChoices(context=context)))
    check_memory(store, model, plan)
    return Measurer(engine=engines or (lambda name: engine_for(settings, name)), plan=plan)


def trial_in_words(trial: Trial) -> str:
    """One line about one change."""
    ratio = math.exp(trial.gain)
    outcome = "kept" if trial.verdict is Verdict.BETTER else "not kept"
    return f"{trial.change.words}: {ratio:.2f}x as fast in {len(trial.pairs)} pairs, {outcome}"


def plan_in_words(plan: TunedPlan) -> str:
    """What a tuned plan is, in one line."""
    return ", ".join(in_words(plan)) or "the defaults"


def _engine_names(settings: Settings, choices: TuneChoices) -> list[str]:
    """The engine to begin with, then those to try; the one that the owner chose is the only one."""
    from freehold.actions.engines import BUNDLED, available_engines

    if only := choices.engine or chosen_by_owner(settings):
        return [only]
    here = [each.name for each in available_engines(settings) if each.trouble is None]
    return [BUNDLED, *(name for name in here if name != BUNDLED)]


def _result(
    settings: Settings, model: OwnedModel, record: Record, device: str, measurer: Measurer
) -> Tuning:
    from freehold.actions.engines import identity_of

    plan = choose(record)
    engine = measurer.engine(plan.engine)
    return Tuning(
        device=device,
        model=model.weights.digest.hex,
        name=model.name,
        plan=plan,
        engine_version=identity_of(settings, engine).version,
        gains=() if plan == record.default else gains(record),
        tried=tuple(_tried(trial) for trial in record.trials),
        pairs=len(record.final),
        confidence=round(1 - false_alarm(), 4),
        when=datetime.now(UTC).strftime("%Y-%m-%d %H:%M"),
        untried=tuple(record.untried),
    )


def gains(record: Record) -> tuple[Gain, ...]:
    """Each figure of the last comparison."""
    return tuple(_gain(record, figure) for figure in record.figures)


def _gain(record: Record, figure: Figure) -> Gain:
    ratios = [pair.gain([figure]) for pair in record.final]
    low, high = interval(ratios)
    return Gain(
        figure=figure.value,
        before=statistics.median(pair.before.seconds([figure]) for pair in record.final),
        after=statistics.median(pair.after.seconds([figure]) for pair in record.final),
        ratio=math.exp(statistics.median(ratios)),
        low=math.exp(low),
        high=math.exp(high),
    )


def _tried(trial: Trial) -> TriedChange:
    return TriedChange(
        change=trial.change.words,
        ratio=math.exp(trial.gain),
        pairs=len(trial.pairs),
        kept=trial.verdict is Verdict.BETTER,
    )
