"""How sure a small sample lets one be: a share or a mean with its interval, and n.

Both are for samples as they are drawn here: questions and pairs chosen by hand. The interval says
what other questions of the same kind might have given, and nothing of questions of other kinds.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

_Z = 1.959964
"""Standard deviations that hold 95 of 100 normally distributed values."""
# Student's t for 95 of 100, two-sided, by degrees of freedom; beyond the last, the normal value.
_T = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160),
    *(2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056),
    *(2.052, 2.048, 2.045, 2.042),
)


@dataclass(frozen=True)
class Estimate:
    """A share or a mean, where it lies with a confidence of 95 in 100, and from how many."""

    value: float
    low: float
    high: float
    n: int


def share(count: int, n: int) -> Estimate | None:
    """A share of `n`, with Wilson's interval; None of nothing."""
    if n == 0:
        return None
    return Estimate(count / n, *wilson(count, n), n)


def wilson(count: int, n: int) -> tuple[float, float]:
    """The interval of 95% around `count` of `n`, which is at least 1 (Wilson, 1927).

    It holds for few questions and for shares near 0 and 1, where the usual one does not.
    """
    value = count / n
    middle = (value + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    reach = _Z / (1 + _Z**2 / n) * math.sqrt(value * (1 - value) / n + _Z**2 / (4 * n**2))
    low, high = max(0.0, middle - reach), min(1.0, middle + reach)
    return min(low, value), max(high, value)  # rounding, at 0 and 1


def mean(values: Sequence[float]) -> Estimate | None:
    """A mean, with Student's interval; None of nothing. Of one value the interval is endless."""
    n = len(values)
    if n == 0:
        return None
    value = sum(values) / n
    if n == 1:
        return Estimate(value, -math.inf, math.inf, 1)
    spread = math.sqrt(sum((each - value) ** 2 for each in values) / (n - 1))
    t = _T[n - 2] if n - 2 < len(_T) else _Z + 2.5 / (n - 1)  # close above 30
    reach = t * spread / math.sqrt(n)
    return Estimate(value, value - reach, value + reach, n)


def paired(before: Sequence[bool], after: Sequence[bool]) -> Estimate:
    """By how much a share rose, of the same questions asked twice; of at least one question.

    The interval is that of Agresti and Min (2005): half a question is added to each of the four
    ways in which two answers can go, so that it does not shrink to nothing where none changed.
    """
    n = len(before)
    pairs = list(zip(before, after, strict=True))
    won = sum(new and not old for old, new in pairs)
    lost = sum(old and not new for old, new in pairs)
    more = n + 2
    middle = (won - lost) / more
    reach = _Z * math.sqrt((won + lost + 1) / more - middle**2) / math.sqrt(more)
    value = (won - lost) / n
    low, high = max(-1.0, middle - reach), min(1.0, middle + reach)
    return Estimate(value, min(low, value), max(high, value), n)
