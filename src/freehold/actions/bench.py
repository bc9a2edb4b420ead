"""Measure how fast owned models run here: loads, prompts and answers of set sizes, several times.

Each round loads the model anew and then asks four things of it: the first token of a prompt of 512
tokens (with the load, that is the time to the first token), 128 tokens after a short prompt, the
same prompt of 512 again, and 128 tokens after a deep one. Nothing of an earlier prompt is used.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from freehold.actions.load import (
    LoadChoices,
    check_memory,
    choose_context,
    plan_loading,
    prove,
    run_shape,
)
from freehold.actions.measured_texts import prose
from freehold.actions.tune_measure import READ, WRITE, answer
from freehold.actions.tuned import Chosen, choose_engine, tuned_plan
from freehold.errors import EngineError, UsageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.device.estimates import SpeedEstimate
    from freehold.engine.interface import LoadPlan, Usage
    from freehold.settings import Settings
    from freehold.store.libraries import Found

ROUNDS, DEPTH = 3, 2048
_SHORT = 24


@dataclass(frozen=True)
class BenchChoices:
    """What the owner chose, or left open."""

    rounds: int = ROUNDS
    depth: int = DEPTH
    """Tokens in the context before the deep answer."""
    engine: str | None = None
    tuned: bool = True
    predict: bool = False

    def __post_init__(self) -> None:
        if self.rounds < 1:
            raise UsageError(f"At least 1 round is measured, not {self.rounds}.")
        if self.depth < 1:
            raise UsageError(f"A depth is 1 token or more, not {self.depth}.")


@dataclass(frozen=True)
class Spread:
    """One figure over all rounds."""

    median: float
    deviation: float
    """Standard deviation of single rounds; 0 where there was one."""

    @classmethod
    def of(cls, figures: Sequence[float]) -> Spread:
        """Median and deviation of at least one figure."""
        deviation = statistics.stdev(figures) if len(figures) > 1 else 0.0
        return cls(statistics.median(figures), deviation)


@dataclass(frozen=True)
class Predicted:
    """What the calibration and the model's header said beforehand."""

    shallow: SpeedEstimate
    deep: SpeedEstimate
    memory: int


@dataclass(frozen=True)
class BenchResult:
    """One model on this machine."""

    model: str
    size: int
    type: str | None
    """The block type that most of its weights are in."""
    engine: str
    threads: int
    tuned: bool
    context: int
    rounds: int
    prefill: Spread
    """Tokens per second of a prompt of 512."""
    decode: Spread
    """Tokens per second of 128 with next to nothing before them."""
    depth: int
    deep_decode: Spread
    """The same after `depth` tokens."""
    first_token: Spread
    """Seconds from before the load to the first token after a prompt of 512."""
    load: Spread
    """Seconds."""
    memory: int
    """Bytes at the engine's peak, the highest of all rounds."""
    predicted: Predicted | None = None


@dataclass(frozen=True)
class _Round:
    prefill: float
    decode: float
    deep_decode: float
    first_token: float
    load: float
    memory: int


def bench(
    settings: Settings,
    found: Found,
    choices: BenchChoices,
    progress: Progress = SILENT,
) -> BenchResult:
    """Measure one owned model. Raises EngineError, NotEnoughMemory, DamagedModel."""
    store, model = found.store, found.model
    prove(store, model, progress)
    context = choose_context(model, LoadChoices())
    depth = min(choices.depth, context - WRITE - 1)
    if depth < 1 or context < READ + WRITE:
        raise EngineError(
            f"{model.name} holds {context:,} tokens, too few to measure it.",
            f"A prompt of {READ} and an answer of {WRITE} have to fit.",
        )
    chosen = _engine(settings, found, choices, progress)
    wanted = plan_loading(store, model, context, settings.threads)
    plan = tuned_plan(wanted, chosen.plan)
    check_memory(store, model, plan)
    rounds: list[_Round] = []
    with progress.task(f"Measuring {model.name}", choices.rounds, unit="rounds") as task:
        for _ in range(choices.rounds):
            rounds.append(_round(chosen, plan, depth))
            task.advance(1)
    return BenchResult(
        model=model.name,
        size=model.size,
        type=_text(model.facts.get("quantization")),
        engine=chosen.engine.name,
        threads=plan.threads or _usual_threads(),
        tuned=chosen.plan is not None,
        context=context,
        rounds=choices.rounds,
        prefill=Spread.of([each.prefill for each in rounds]),
        decode=Spread.of([each.decode for each in rounds]),
        depth=depth,
        deep_decode=Spread.of([each.deep_decode for each in rounds]),
        first_token=Spread.of([each.first_token for each in rounds]),
        load=Spread.of([each.load for each in rounds]),
        memory=max(each.memory for each in rounds),
        predicted=predict(settings, found, plan, depth) if choices.predict else None,
    )


def predict(settings: Settings, found: Found, plan: LoadPlan, depth: int) -> Predicted:
    """What would have been said beforehand. Raises UsageError without a calibration."""
    from freehold.actions.load import predict_memory, shape_of_model
    from freehold.device.calibration import load_calibration
    from freehold.device.probe import fingerprint
    from freehold.device.speed import predict_speed

    calibration = load_calibration(settings.home)
    if calibration is None or calibration.device != fingerprint():
        raise UsageError(
            "This machine has no calibration to predict from.",
            "Make one, in half a minute: freehold device --calibrate",
        )
    shape, run = shape_of_model(found.store, found.model), run_shape(plan)
    return Predicted(
        shallow=predict_speed(shape, run, calibration, 0),
        deep=predict_speed(shape, run, calibration, depth),
        memory=predict_memory(found.store, found.model, plan).total,
    )


def _engine(settings: Settings, found: Found, choices: BenchChoices, progress: Progress) -> Chosen:
    if choices.tuned:
        return choose_engine(settings, found.model, choices.engine, progress)
    from freehold.actions.engines import engine_for

    return Chosen(engine_for(settings, choices.engine))


def _round(chosen: Chosen, plan: LoadPlan, depth: int) -> _Round:
    began = time.perf_counter()
    with chosen.engine.load(plan) as model:
        loaded = time.perf_counter()
        prompt = prose(model, READ)  # not part of what a person waits for
        asked = time.perf_counter()
        answer(model, prompt, 1)
        first = time.perf_counter() - asked + loaded - began
        shallow = answer(model, prose(model, _SHORT), WRITE)
        reading = answer(model, prompt, 1)
        deep = answer(model, prose(model, depth), WRITE)
        return _Round(
            prefill=_known(reading.prompt_rate),
            decode=_answer_rate(shallow),
            deep_decode=_answer_rate(deep),
            first_token=first,
            load=loaded - began,
            memory=model.peak_memory(),
        )


def _answer_rate(usage: Usage) -> float:
    return _known(usage.answer_rate)


def _known(rate: float | None) -> float:
    if rate is None:
        raise EngineError("The engine did not say how long an answer took.")
    return rate


def _usual_threads() -> int:
    from freehold.device.probe import processor

    found = processor()
    return found.physical_cores or found.logical_cores or 1


def _text(fact: object) -> str | None:
    return fact if isinstance(fact, str) else None
