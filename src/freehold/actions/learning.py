"""Learn from runs: remember in numbers what an answer took, and correct predictions by it.

Nothing here may spoil an answer that was given: what cannot be kept is said, and that is all.
"""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from freehold.device.measured import MeasuredRun, keep_run, load_runs
from freehold.errors import EngineError, FormatError, StorageError
from freehold.progress import SILENT, Progress

if TYPE_CHECKING:
    from freehold.actions.loaded import Loaded
    from freehold.device.calibration import Calibration
    from freehold.device.estimates import SpeedEstimate
    from freehold.engine.interface import Engine, LoadPlan, Usage
    from freehold.formats.model_shape import ModelShape
    from freehold.settings import Settings
    from freehold.store.model import OwnedModel
    from freehold.store.store import Store

_NOT_OF_SPEED = frozenset(
    {
        "weights",
        "further",
        "projector",
        "context",
        "chat_template",
        "warm_up",
        "states",
        "parallel",
    }
)
"""What a plan says that speed does not depend on, or that a model's own digest tells."""


@dataclass(frozen=True)
class Runs:
    """Those of one model with one engine, loaded in one way."""

    settings: Settings
    digest: str
    """Of the model's weights."""
    engine: Engine
    plan: LoadPlan

    def keep(self, usage: Usage, progress: Progress = SILENT) -> None:
        """Remember one answer. Takes some milliseconds."""
        if usage.drafted_tokens or usage.prompt_tokens <= 0:
            return  # guessed tokens say little of how fast others are
        run = MeasuredRun(
            engine=self._engine(),
            settings=plan_digest(self.plan),
            read=max(0, usage.prompt_tokens - usage.cached_tokens),
            cached=usage.cached_tokens,
            read_seconds=usage.prompt_seconds,
            written=usage.answer_tokens,
            write_seconds=usage.answer_seconds,
            when=datetime.now(UTC).date().isoformat(),
        )
        try:
            keep_run(self.settings.home, self.digest, _machine(), run)
        except StorageError as error:
            progress.note(f"What this answer took could not be kept: {error.message}")

    def kept(self) -> tuple[MeasuredRun, ...]:
        """Those on this machine, oldest first. Raises EngineError, StorageError."""
        found = load_runs(self.settings.home, self.digest, _machine())
        if not found:
            return ()
        engine, wanted = self._engine(), plan_digest(self.plan)
        return tuple(run for run in found if (run.engine, run.settings) == (engine, wanted))

    def _engine(self) -> str:
        from freehold.actions.engines import identity_of

        return str(identity_of(self.settings, self.engine))


@dataclass(frozen=True)
class Learner:
    """Knows which model runs how, keeps what its answers took, and says what was to be expected."""

    settings: Settings
    store: Store
    model: OwnedModel
    engine: Engine
    plan: LoadPlan
    progress: Progress = SILENT

    @property
    def runs(self) -> Runs:
        """Of this model, run so."""
        return Runs(self.settings, self.model.weights.digest.hex, self.engine, self.plan)

    def keep(self, usage: Usage) -> None:
        """Remember one answer. Takes some milliseconds."""
        self.runs.keep(usage, self.progress)

    def predicted(self, usage: Usage) -> SpeedEstimate | None:
        """What was to be expected of that answer, by the calibration and the runs before it.

        None where this machine was not calibrated.
        """
        from freehold.actions.load import run_shape, shape_of_model
        from freehold.device.calibration import load_calibration
        from freehold.device.estimates import SpeedEstimate
        from freehold.device.refine import compare, refine
        from freehold.device.speed import answer_time, prompt_time

        try:
            calibration = load_calibration(self.settings.home)
            if calibration is None or calibration.device != _machine():
                return None
            shape = shape_of_model(self.store, self.model)
            runs = self.runs.kept()
        except (FormatError, StorageError) as error:
            self.progress.note(f"Speed is not predicted: {error.message}")
            return None
        run, basis = run_shape(self.plan), calibration.basis
        read = max(1, usage.prompt_tokens - usage.cached_tokens)
        depth = usage.prompt_tokens + usage.answer_tokens // 2
        estimate = SpeedEstimate(
            depth=depth,
            prefill=prompt_time(shape, run, calibration, read, usage.cached_tokens).rate(
                read, basis
            ),
            decode=answer_time(shape, run, calibration, depth).rate(1, basis),
        )
        return refine(estimate, compare(runs, shape, run, calibration))


def learn_from(settings: Settings, progress: Progress, loaded: Loaded, usage: Usage) -> None:
    """Keep what an answer of a model in memory took. What goes wrong is said, and that is all."""
    runs = Runs(settings, loaded.owned.weights.digest.hex, loaded.engine, loaded.plan)
    try:
        runs.keep(usage, progress)
    except EngineError as error:
        progress.note(f"What this answer took could not be kept: {error.message}")


def refined_speed(
    runs: Runs, shape: ModelShape, calibration: Calibration, depth: int
) -> SpeedEstimate:
    """What is to be expected of an owned model, by the calibration and what its runs took.

    Runs correct a prediction whatever engine the calibration was made with: what they are compared
    with is what it says of them.
    """
    from freehold.actions.load import run_shape
    from freehold.device.refine import compare, refine
    from freehold.device.speed import predict_speed

    run = run_shape(runs.plan)
    estimate = predict_speed(shape, run, calibration, depth)
    return refine(estimate, compare(runs.kept(), shape, run, calibration))


def plan_digest(plan: LoadPlan) -> str:
    """A few digits that differ where speed may: threads, batches, cache types, speculation."""
    told = {name: value for name, value in asdict(plan).items() if name not in _NOT_OF_SPEED}
    return hashlib.sha256(repr(sorted(told.items())).encode()).hexdigest()[:12]


def _machine() -> str:
    from freehold.device.probe import fingerprint

    return fingerprint()
