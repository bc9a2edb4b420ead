"""How fast a model would be: its counts times the machine's costs, with an error band.

The time of a step is the sum over its kinds of work (see `costs`) of count times cost. A block type
or cache type that was not measured takes the cost of the nearest that was, and a wider band.

The band is where nine of ten runs should lie. Three things widen it, as standard deviations of the
logarithm that add up in squares: the formula's own error, found over models that no calibration
has seen (`benchmarks/speed_prediction.py`); the spread of the measurements behind each cost,
weighted by its share of the time; and a fixed doubt for the share whose cost was derived.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from freehold.device.calibration import Calibration, Cost
from freehold.device.costs import Counts, answer_counts, prompt_counts
from freehold.device.estimates import Basis, Rate, RunShape, SpeedEstimate
from freehold.device.nearest import nearest_cost
from freehold.formats.model_shape import ModelShape

PROMPT = 512
"""Tokens of the prompt whose reading `SpeedEstimate.prefill` is about."""
NINE_OF_TEN = 1.645
"""Standard deviations to either side that hold nine of ten, where errors are normal."""
_MODEL_ERROR = {Basis.CALIBRATED: 0.12, Basis.SPECIFIED: 0.40}
"""Of the formula itself, in standard deviations of the logarithm."""
_DERIVED_ERROR = 0.30
"""Of a cost that was taken from a neighbour."""


@dataclass(frozen=True)
class StepTime:
    """Seconds of some work, and how sure they are."""

    seconds: float
    error: float
    """One standard deviation of its logarithm."""

    def rate(self, tokens: int, basis: Basis) -> Rate:
        """The same as tokens per second."""
        expected = tokens / self.seconds
        band = math.exp(NINE_OF_TEN * self.error)
        return Rate(expected, expected / band, expected * band, basis)


def predict_speed(
    shape: ModelShape, run: RunShape, calibration: Calibration, depth: int
) -> SpeedEstimate:
    """Tokens per second with `depth` tokens in the context already.

    Prefill is the reading of a prompt of `PROMPT` more tokens, decode the writing of one.
    """
    reading = prompt_time(shape, run, calibration, PROMPT, depth)
    writing = answer_time(shape, run, calibration, depth)
    return SpeedEstimate(
        depth=depth,
        prefill=reading.rate(PROMPT, calibration.basis),
        decode=writing.rate(1, calibration.basis),
    )


def prompt_time(
    shape: ModelShape, run: RunShape, calibration: Calibration, tokens: int, depth: int = 0
) -> StepTime:
    """Reading `tokens` tokens after `depth` others, up to the first token of the answer."""
    return _time(prompt_counts(shape, run, tokens, depth), calibration)


def answer_time(shape: ModelShape, run: RunShape, calibration: Calibration, depth: int) -> StepTime:
    """One answer token after `depth` others."""
    return _time(answer_counts(shape, run, depth, calibration.threads), calibration)


def _time(counts: Counts, calibration: Calibration) -> StepTime:
    parts: list[tuple[float, Cost, bool]] = []
    for kind, count in counts.items():
        if count > 0:
            cost, derived = nearest_cost(calibration, kind)
            parts.append((count * cost.seconds, cost, derived))
    seconds = sum(part for part, _, _ in parts)
    if seconds <= 0:  # a shape without weights, or a calibration without costs
        return StepTime(math.inf, _MODEL_ERROR[calibration.basis])
    spread = sum(part / seconds * cost.spread for part, cost, _ in parts)
    derived_share = sum(part for part, _, derived in parts if derived) / seconds
    error = math.hypot(_MODEL_ERROR[calibration.basis], spread, derived_share * _DERIVED_ERROR)
    return StepTime(seconds, error)
