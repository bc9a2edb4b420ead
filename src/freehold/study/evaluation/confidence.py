"""How far a share of right answers may be off, for so few questions."""

from __future__ import annotations

import math
from dataclasses import dataclass

_Z = 1.959964
"""Standard deviations around the middle that hold 95% of a normal distribution."""


@dataclass(frozen=True)
class Share:
    """Right answers, and the Wilson interval of 95% around their share (Wilson, 1927).

    It holds for few questions and for shares near 0 and 1, where the usual one does not. It says
    how far other questions of the same kind might have come out, not whether these are good ones.
    """

    right: int
    of: int
    low: float
    high: float

    @property
    def value(self) -> float:
        """The share itself."""
        return self.right / self.of

    def beats(self, chance: float) -> bool:
        """Whether guessing is unlikely to have done as well."""
        return self.low > chance


def share_of(right: int, of: int) -> Share:
    """The share of `right` in `of`, which is at least 1."""
    share, square = right / of, _Z * _Z
    middle = (share + square / (2 * of)) / (1 + square / of)
    spread = _Z / (1 + square / of) * math.sqrt(share * (1 - share) / of + square / (4 * of * of))
    low, high = max(0.0, middle - spread), min(1.0, middle + spread)
    return Share(right, of, min(low, share), max(high, share))  # rounding, at 0 and 1
