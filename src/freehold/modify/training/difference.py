"""Whether a change made held-out examples better: the mean difference, and how sure that is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from freehold.modify.training.network import Losses

_DRAWS = 4000
FEW = 5
"""Of fewer examples than this nothing can be said."""


@dataclass(frozen=True)
class Difference:
    """After less before, in nats a token, averaged over examples: below zero is better."""

    mean: float
    low: float
    """Of the 95% interval."""
    high: float
    n: int
    """Examples."""


def difference(before: Losses, after: Losses) -> Difference:
    """Of the same examples. The interval is the bootstrap's (Efron, 1979), over whole examples."""
    each = np.array(
        [
            (new - old) / max(1, count)
            for old, new, count in zip(before.sums, after.sums, before.counts, strict=True)
        ]
    )
    chance = np.random.default_rng(0)
    drawn = each[chance.integers(0, len(each), (_DRAWS, len(each)))].mean(axis=1)
    low, high = np.quantile(drawn, (0.025, 0.975)).tolist()
    return Difference(float(each.mean()), low, high, len(each))
