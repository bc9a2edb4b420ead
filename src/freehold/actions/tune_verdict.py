"""When is a change better? Decided from pairs of measurements, with a stated confidence.

A pair is the best plan so far and the changed one, measured one right after the other, so that a
machine whose speed drifts moves both alike. The decision is a sign test (Arbuthnott, 1710;
Conover, Practical Nonparametric Statistics, 3.4): it asks only how often the change won, so it
assumes nothing of how times are distributed, and one wild measurement counts as one. It looks up
to three times: the change is better when it has won 6 of 6 pairs, 8 of 9, or 10 of 12. A change
that does nothing wins a pair like a coin; `false_alarm` adds up exactly how often such coins
would pass.

All of this is plain arithmetic on what was measured: the same record gives the same decision.
"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

LOOKS = ((6, 0), (9, 1), (12, 2))
"""After so many pairs, the change is better if it has lost no more than so many."""
WORTH = math.log(1.01)
"""A change must make a hundredth to be worth remembering."""
HAIR = math.log(1.01)
"""A figure that a change should leave alone may be this much slower in the median, and no more: two
measurements of the same thing differ by about as much."""


class Figure(StrEnum):
    """The parts of the standard task: start, read 512 tokens, write 128."""

    START = "start"
    """From nothing to the first word of a short answer."""
    READ = "read"
    """A prompt of 512 tokens."""
    WRITE = "write"
    """128 tokens of plain prose."""
    REPEAT = "repeat"
    """128 tokens of a text that repeats what is in the prompt."""


@dataclass(frozen=True)
class Timing:
    """One measurement, in seconds; None where a figure was not asked for."""

    start: float | None = None
    read: float | None = None
    write: float | None = None
    repeat: float | None = None

    def seconds(self, figures: Sequence[Figure]) -> float:
        """Of these figures, added up. Raises ValueError for one that was not measured."""
        parts = [getattr(self, figure.value) for figure in figures]
        if None in parts:
            raise ValueError(f"{', '.join(figures)} were not all measured")
        return math.fsum(parts)


@dataclass(frozen=True)
class Pair:
    """Two plans, one right after the other."""

    before: Timing
    after: Timing

    def gain(self, figures: Sequence[Figure]) -> float:
        """The logarithm of how many times faster `after` was; 0 is alike, below is slower."""
        return math.log(self.before.seconds(figures) / self.after.seconds(figures))


class Verdict(StrEnum):
    """What the pairs so far say."""

    BETTER = "better"
    NOT_BETTER = "not better"
    OPEN = "open"
    """More pairs are needed."""


def verdict(
    pairs: Sequence[Pair], touched: Sequence[Figure], guarded: Sequence[Figure] = ()
) -> Verdict:
    """Whether a change is better over what it touches, and no worse in what is guarded."""
    signs = sign_test([pair.gain(touched) for pair in pairs])
    if signs is not Verdict.BETTER:
        return signs
    worth = statistics.median(pair.gain(touched) for pair in pairs) >= WORTH
    return Verdict.BETTER if worth and no_worse(pairs, guarded) else Verdict.NOT_BETTER


def no_worse(pairs: Sequence[Pair], figures: Sequence[Figure]) -> bool:
    """Whether each figure, by itself, is no slower in the median than by a hair."""
    return all(statistics.median(pair.gain([each]) for pair in pairs) >= -HAIR for each in figures)


def sign_test(gains: Sequence[float]) -> Verdict:
    """What the signs alone say. A draw counts as lost."""
    lost = 0
    for count, gain in enumerate(gains, 1):
        lost += gain <= 0
        if any(count == pairs and lost <= most for pairs, most in LOOKS):
            return Verdict.BETTER
        if lost > LOOKS[-1][1]:
            return Verdict.NOT_BETTER
    return Verdict.NOT_BETTER if len(gains) >= LOOKS[-1][0] else Verdict.OPEN


@cache
def false_alarm() -> float:
    """How often a change that does nothing would be called better: every row of coins, counted."""

    def passes(count: int, lost: int) -> float:
        if any(count == pairs and lost <= most for pairs, most in LOOKS):
            return 1.0
        if lost > LOOKS[-1][1] or count == LOOKS[-1][0]:
            return 0.0
        return (passes(count + 1, lost) + passes(count + 1, lost + 1)) / 2

    return passes(0, 0)


def interval(gains: Sequence[float], confidence: float = 0.95) -> tuple[float, float]:
    """The narrowest interval of ordered gains that holds their true median that surely.

    By the sign test turned round (Conover, 3.2): from the k-th smallest to the k-th largest. Fewer
    than six gains reach no 95%: then it is all of them, and surer than nothing.
    """
    ordered, count = sorted(gains), len(gains)
    k, tail = 0, 0.0
    while 2 * (k + 1) <= count:
        tail += math.comb(count, k) / 2**count
        if 2 * tail > 1 - confidence:
            break
        k += 1
    k = max(k, 1)
    return ordered[k - 1], ordered[count - k]
