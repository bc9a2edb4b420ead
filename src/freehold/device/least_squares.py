"""Costs that explain measured times: non-negative, and as near as they can be in proportion.

Each time is a sum of counts times costs. The error that is made small is the relative one, so
that a step of a millisecond weighs as much as a prompt of a second. Pure Python: a calibration has
some dozens of each.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

_ROUNDS = 4000
_ENOUGH = 1e-7
_RIDGE = 1e-6
"""Keeps two kinds that always come together from running away from each other."""


@dataclass(frozen=True)
class Observation:
    """A time in seconds and what there was to do."""

    counts: Mapping[str, float]
    seconds: float


def solve(observations: Sequence[Observation]) -> dict[str, float]:
    """Seconds for one of each kind; 0 where a kind explains nothing."""
    kinds = sorted({kind for each in observations for kind, n in each.counts.items() if n > 0})
    rows = [
        [each.counts.get(kind, 0) / each.seconds for kind in kinds]
        for each in observations
        if each.seconds > 0
    ]
    # Columns of about one size: bytes are counted in millions, steps one by one.
    scales = [max(row[i] for row in rows) for i in range(len(kinds))]
    rows = [[value / scale for value, scale in zip(row, scales, strict=True)] for row in rows]
    size = len(kinds)
    gram = [[sum(row[i] * row[j] for row in rows) for j in range(size)] for i in range(size)]
    goal = [sum(row[i] for row in rows) for i in range(size)]
    for i in range(size):
        gram[i][i] += _RIDGE
    found = _descend(gram, goal)
    return {kind: found[i] / scales[i] for i, kind in enumerate(kinds)}


def _descend(gram: list[list[float]], goal: list[float]) -> list[float]:
    """Coordinate descent: each value in turn as good as the others allow, and never below zero."""
    found = [0.0] * len(goal)
    for _ in range(_ROUNDS):
        moved = 0.0
        for i, row in enumerate(gram):
            rest = goal[i] - sum(value * x for value, x in zip(row, found, strict=True))
            better = max(0.0, found[i] + rest / row[i])
            moved = max(moved, abs(better - found[i]))
            found[i] = better
        if moved < _ENOUGH:
            break
    return found
