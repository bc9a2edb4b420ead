"""Costs are found again from times that were made of them."""

from __future__ import annotations

import random

import pytest

from freehold.device.least_squares import Observation, solve


def test_known_costs_are_found_again() -> None:
    dice = random.Random(7)
    costs = {"byte": 3e-11, "step": 2e-4, "call": 5e-7}
    seen = []
    for _ in range(20):
        counts = {"byte": dice.uniform(1e6, 1e8), "step": 1.0, "call": dice.uniform(10, 500)}
        seen.append(Observation(counts, sum(counts[kind] * costs[kind] for kind in costs)))
    assert solve(seen) == pytest.approx(costs, rel=0.01)


def test_no_cost_is_negative() -> None:
    # more steps in less time: without the bound, a step would pay something back
    seen = [Observation({"byte": 1e6, "step": float(n)}, 1 / n) for n in range(1, 5)]
    assert all(value >= 0 for value in solve(seen).values())
