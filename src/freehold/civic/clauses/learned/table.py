"""Weights of features, learned from labelled clauses, and what they say of one clause."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_SCALE = 100
"""Weights are kept as hundredths."""


@dataclass(frozen=True)
class Table:
    """A weight for each feature and class: a softmax regression."""

    classes: tuple[str, ...]
    bias: tuple[float, ...]
    weights: dict[str, list[int]]

    def shares(self, features: Iterable[str]) -> dict[str, float]:
        """How likely each class is, from 0 to 1, together 1."""
        sums = [each * _SCALE for each in self.bias]
        for feature in features:
            row = self.weights.get(feature)
            if row is not None:
                sums = [one + two for one, two in zip(sums, row, strict=True)]
        highest = max(sums)
        powers = [math.exp((each - highest) / _SCALE) for each in sums]
        return {name: power / sum(powers) for name, power in zip(self.classes, powers, strict=True)}

    def heaviest(self, features: Iterable[str], name: str, most: int) -> list[str]:
        """The features that speak most for a class, the heaviest first, equal ones by name."""
        place = self.classes.index(name)
        known = {each: self.weights[each][place] for each in features if each in self.weights}
        told = (each for each in known if known[each] > 0)
        return sorted(told, key=lambda each: (-known[each], each))[:most]


@cache
def table() -> Table:
    """The one that comes with Freehold; `benchmarks/bill_learning.py` makes it."""
    kept = json.loads((Path(__file__).parent / "weights.json").read_text(encoding="utf-8"))
    return Table(tuple(kept["classes"]), tuple(kept["bias"]), kept["weights"])
