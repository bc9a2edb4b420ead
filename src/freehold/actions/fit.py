"""Does a model fit a machine, how fast would it be there, and packed how?

Pure: it is given a machine's capacity, ways to predict, and models; it reads nothing and measures
nothing. Of each model the best way of packing it is chosen: the largest that fits and is as fast as
a person reads; where none is so fast, the largest of the fastest that keep four bits a weight;
tighter ones only where nothing else fits.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from freehold.actions.fit_words import (
    READING_SPEED,
    SLOW,
    Verdict,
    bits_words,
    rate_words,
    reading_words,
    two_sizes,
    whole_bytes,
)
from freehold.device.estimates import RunShape

if TYPE_CHECKING:
    from freehold.device.estimates import MemoryNeed, SpeedEstimate
    from freehold.engine.interface import Engine, LoadPlan
    from freehold.formats.model_shape import ModelShape
    from freehold.store.model import LicenceKind

USUAL_CONTEXT = 4096
DEPTH = 1024
"""Tokens already in the context when speed is predicted: some pages into a conversation."""
_USUAL_RUN = RunShape(USUAL_CONTEXT)


@dataclass(frozen=True)
class OwnedBuild:
    """What tells runs of an owned model from those of others."""

    digest: str
    plan: LoadPlan
    """How `run` would load it."""
    engine: Engine
    """What would run it."""


@dataclass(frozen=True)
class Build:
    """One way of packing a model."""

    quantization: str | None
    shape: ModelShape
    ref: str | None = None
    """Where this build can be had."""
    owned: OwnedBuild | None = None


@dataclass(frozen=True)
class Figure:
    """One public quality figure. Two of different benchmarks say nothing about each other."""

    benchmark: str
    score: float
    source: str
    """An address."""
    setting: str | None = None
    """How it was measured: shots, mode."""


@dataclass(frozen=True)
class Subject:
    """A model to be judged, wherever it is known from."""

    name: str
    builds: tuple[Build, ...]
    tasks: tuple[str, ...] = ()
    licence: str | None = None
    licence_kind: LicenceKind = "unknown"
    quality: tuple[Figure, ...] = ()
    owned: bool = False
    writes: bool = True
    """False for what only reads: embedding and reranking."""
    beside: str | None = None
    """What else it needs for all that it can do, in a file of its own, and is not counted."""
    unknown: str | None = None
    """Why nothing can be predicted, where that is so."""


@dataclass(frozen=True)
class Capacity:
    """What a machine offers, in bytes; None where it is not known."""

    name: str
    """What it is called in a sentence: `this machine`."""
    total: int | None
    usable: int | None
    """In general, with its system running."""
    free: int | None = None
    """At this moment; None for another machine."""


@dataclass(frozen=True)
class Predictions:
    """How memory and speed are predicted for a machine. Speed is None where nothing is known."""

    memory: Callable[[ModelShape, RunShape], MemoryNeed]
    speed: Callable[[Build, RunShape], SpeedEstimate | None]
    run: RunShape = _USUAL_RUN
    """How models are run there; the context is what is wished."""


@dataclass(frozen=True)
class Wishes:
    """What is asked of every model."""

    context: int = USUAL_CONTEXT
    min_speed: float = 0.0
    """Tokens per second."""
    now: bool = False
    """Whether the memory free at this moment decides, and not what the machine has in general."""


@dataclass(frozen=True)
class FitRow:
    """One model on one machine. `build` is the way of packing that was chosen."""

    subject: Subject
    verdict: Verdict
    words: str
    build: Build | None = None
    context: int | None = None
    need: MemoryNeed | None = None
    speed: SpeedEstimate | None = None

    @property
    def fits(self) -> bool:
        """Whether the machine can hold it at all."""
        return self.verdict in {Verdict.FITS, Verdict.SLOW, Verdict.NOT_NOW}

    @property
    def rate(self) -> float | None:
        """Tokens per second of what it does: writing, or reading for what only reads."""
        if self.speed is None:
            return None
        return (self.speed.decode if self.subject.writes else self.speed.prefill).expected


@dataclass(frozen=True)
class _Trial:
    build: Build
    context: int
    need: MemoryNeed
    speed: SpeedEstimate | None

    @property
    def rate(self) -> float | None:
        return None if self.speed is None else self.speed.decode.expected


def judge(subject: Subject, capacity: Capacity, predictions: Predictions, wishes: Wishes) -> FitRow:
    """What one model comes to on one machine."""
    limit = capacity.free if wishes.now else capacity.usable
    if subject.unknown is not None or not subject.builds:
        return FitRow(subject, Verdict.UNKNOWN, f"unknown: {subject.unknown or 'no shape'}")
    trials = [_try(build, predictions, wishes) for build in subject.builds]
    trials.sort(key=lambda trial: trial.need.weights, reverse=True)
    if limit is None:
        least = trials[-1]
        words = f"unknown: needs {whole_bytes(least.need.least)}, and {capacity.name} tells no size"
        return _row(subject, Verdict.UNKNOWN, words, least)
    fitting = [trial for trial in trials if trial.need.least <= limit]
    if not fitting:
        whole = [trial for trial in trials if bits_of(trial.build.quantization) >= 4]
        return _too_large(subject, (whole or trials)[-1], capacity, limit)
    best = _best(fitting, subject, max(READING_SPEED, wishes.min_speed))
    verdict, words = _fitting_words(best, subject, packed=fitting[0] is not trials[0])
    if capacity.free is not None and best.need.least > capacity.free:
        needed, free = two_sizes(best.need.least, capacity.free)
        then = f" ({words})" if best.speed is not None else ""
        verdict = Verdict.NOT_NOW
        words = f"{verdict}: needs {needed}, {free} is free now{then}"
    return _row(subject, verdict, words, best)


def judge_all(
    subjects: Iterable[Subject], capacity: Capacity, predictions: Predictions, wishes: Wishes
) -> list[FitRow]:
    """Every model: those that fit before those that are slow there or too large, largest first."""
    rows = [judge(subject, capacity, predictions, wishes) for subject in subjects]
    order = list(Verdict)
    return sorted(rows, key=lambda row: (order.index(row.verdict), -_weights(row)))


def judge_builds(
    subject: Subject, capacity: Capacity, predictions: Predictions, wishes: Wishes
) -> list[FitRow]:
    """Every way of packing one model by itself, largest first."""
    alone = [replace(subject, builds=(build,)) for build in subject.builds]
    rows = [judge(each, capacity, predictions, wishes) for each in alone]
    return sorted(rows, key=_weights, reverse=True)


def _try(build: Build, predictions: Predictions, wishes: Wishes) -> _Trial:
    context = min(wishes.context, build.shape.context_length or wishes.context)
    run = replace(predictions.run, context=context)
    return _Trial(
        build, context, predictions.memory(build.shape, run), predictions.speed(build, run)
    )


def _best(fitting: list[_Trial], subject: Subject, target: float) -> _Trial:
    """`fitting` is not empty, largest first."""
    whole = [trial for trial in fitting if bits_of(trial.build.quantization) >= 4] or fitting
    if not subject.writes or all(trial.rate is None for trial in whole):
        return whole[0]
    fast = [trial for trial in whole if trial.rate is not None and trial.rate >= target]
    return fast[0] if fast else whole[-1]


def bits_of(quantization: str | None) -> int:
    """Whole bits of a weight by the recipe's name; 16 where it tells none."""
    words = bits_words(quantization)
    return int(words[0]) if words else 16


def _fitting_words(trial: _Trial, subject: Subject, *, packed: bool) -> tuple[Verdict, str]:
    bits = bits_words(trial.build.quantization) if packed else None
    fits = f"fits with {bits}" if bits else "fits"
    if bits and bits[0] < "4":
        fits = f"fits only with {bits}, which costs quality"
    if trial.need.missing:
        fits += f" (not counted: {', '.join(trial.need.missing)})"
    if trial.speed is None:
        return Verdict.FITS, f"{fits}; how fast is not known"
    if not subject.writes:
        return Verdict.FITS, f"{fits}: reads {rate_words(trial.speed.prefill)}"
    rate = trial.speed.decode
    how = f"{rate_words(rate)}, {reading_words(rate)}"
    if rate.expected < SLOW:
        return Verdict.SLOW, f"{fits}, but slowly: {how}"
    return Verdict.FITS, f"{fits}: {how}"


def _too_large(subject: Subject, least: _Trial, capacity: Capacity, limit: int) -> FitRow:
    bits = bits_words(least.build.quantization)
    even = f" even with {bits}" if bits and len(subject.builds) > 1 else ""
    needed, total = two_sizes(least.need.least, capacity.total or limit)
    has = f"{capacity.name} has {total}"
    if limit < least.need.least <= (capacity.total or limit):
        needed, usable = two_sizes(least.need.least, limit)
        has = f"{usable} of the {total} of {capacity.name} can be used"
    words = f"does not fit: needs {needed}{even}, {has}"
    return _row(subject, Verdict.TOO_LARGE, words, least)


def _row(subject: Subject, verdict: Verdict, words: str, trial: _Trial) -> FitRow:
    return FitRow(subject, verdict, words, trial.build, trial.context, trial.need, trial.speed)


def _weights(row: FitRow) -> int:
    return row.need.weights if row.need is not None else 0
