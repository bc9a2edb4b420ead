"""A prediction corrected by runs: the measured figure replaces the guess, and the band narrows.

Each run is compared with what the formula says of that very run: so many tokens read after so many
others, so many written after those. The median of the ratios corrects the prediction, at whatever
depth it is for.

The band is a prediction interval for the next run: nine of ten should lie in it. Ratios are taken
as logarithms, normally spread, with a spread that is not known: it is estimated from the runs
together with `_PRIOR_RUNS` imagined ones that spread by `_PRIOR_SPREAD`, so that two equal runs do
not pretend to certainty. That gives Student's distribution with one degree of freedom for each
run and each imagined one but one, wider by sqrt(1 + 1/n) for the doubt about the middle itself. A
run far outside the others (a machine busy with something else) counts as if it were at most three
spreads away. The band is never wider than the guess it replaces.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from freehold.device.calibration import Calibration
from freehold.device.estimates import Basis, Rate, RunShape, SpeedEstimate
from freehold.device.measured import MeasuredRun
from freehold.device.speed import NINE_OF_TEN, answer_time, prompt_time
from freehold.formats.model_shape import ModelShape

_PRIOR_RUNS = 4
_PRIOR_SPREAD = 0.06
_FEWEST_READ = 16
"""Prompt tokens below which reading is mostly other things."""
_FEWEST_WRITTEN = 8


@dataclass(frozen=True)
class Ratios:
    """How many times faster than predicted each run was."""

    reading: tuple[float, ...] = ()
    writing: tuple[float, ...] = ()


def compare(
    runs: Iterable[MeasuredRun], shape: ModelShape, run: RunShape, calibration: Calibration
) -> Ratios:
    """Each run beside what is predicted for it. Runs too short to tell are left out."""
    reading, writing = [], []
    for each in runs:
        if each.read >= _FEWEST_READ and each.read_seconds > 0:
            guess = prompt_time(shape, run, calibration, each.read, each.cached)
            reading.append(guess.seconds / each.read_seconds)
        if each.written >= _FEWEST_WRITTEN and each.write_seconds > 0:
            steps = each.written - 1  # the clock starts when the first is there
            depth = each.cached + each.read + steps // 2
            guess = answer_time(shape, run, calibration, depth)
            writing.append(guess.seconds * steps / each.write_seconds)
    return Ratios(tuple(reading), tuple(writing))


def refine(estimate: SpeedEstimate, ratios: Ratios) -> SpeedEstimate:
    """The estimate, corrected where there were runs to correct it by."""
    return replace(
        estimate,
        prefill=refine_rate(estimate.prefill, ratios.reading),
        decode=refine_rate(estimate.decode, ratios.writing),
    )


def refine_rate(rate: Rate, ratios: Sequence[float]) -> Rate:
    """One rate, corrected by how many times faster than predicted its runs were."""
    logs = [math.log(ratio) for ratio in ratios if ratio > 0 and math.isfinite(ratio)]
    if not logs:
        return rate
    middle = statistics.median(logs)
    spread = _spread([each - middle for each in logs])
    freedom = _PRIOR_RUNS + len(logs) - 1
    reach = student(freedom) * spread * math.sqrt(1 + 1 / len(logs))
    guessed = math.log(rate.high / rate.low) / 2
    band = math.exp(min(reach, guessed))
    expected = rate.expected * math.exp(middle)
    return Rate(expected, expected / band, expected * band, Basis.MEASURED, len(logs))


def _spread(apart: list[float]) -> float:
    """The standard deviation, as the runs and the imagined ones have it together."""
    usual = max(_PRIOR_SPREAD, 1.4826 * statistics.median(abs(each) for each in apart))
    kept = [min(abs(each), 3 * usual) for each in apart]
    squares = _PRIOR_RUNS * _PRIOR_SPREAD**2 + sum(each * each for each in kept)
    return math.sqrt(squares / (_PRIOR_RUNS + len(apart) - 1))


def student(freedom: int) -> float:
    """The deviation either side of which Student's distribution keeps nine of ten.

    Four terms of the expansion by Cornish and Fisher (Abramowitz and Stegun 26.7.5): right to three
    digits from four degrees of freedom on.
    """
    z = NINE_OF_TEN
    terms = (
        (z**3 + z) / 4,
        (5 * z**5 + 16 * z**3 + 3 * z) / 96,
        (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384,
        (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160,
    )
    return z + sum(term / math.pow(freedom, power) for power, term in enumerate(terms, 1))
