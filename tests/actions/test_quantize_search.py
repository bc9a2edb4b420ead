"""Which quantization is chosen, and that no more than one stays, by costs written down here."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from freehold.actions.quantize_search import Candidate, best_within, smallest_within
from freehold.errors import UsageError

COSTS = {"A": (10, 0.5), "B": (20, 0.2), "C": (30, 0.3), "D": (40, 0.05), "E": (50, 0.01)}
"""Bytes and KL by name; C is larger than B, and worse."""


class Written:
    """A bench whose figures are known."""

    def __init__(self, costs: Mapping[str, tuple[int, float]] = COSTS) -> None:
        self.costs = costs
        self.made: list[str] = []
        self.left: set[str] = set()

    @property
    def sizes(self) -> Mapping[str, int]:
        return {name: size for name, (size, _) in self.costs.items()}

    def make(self, mix: str) -> Candidate:
        self.made.append(mix)
        self.left.add(mix)
        size, kl = self.costs[mix]
        cost: Any = SimpleNamespace(kl=SimpleNamespace(mean=SimpleNamespace(value=kl)))
        return Candidate(mix, Path(mix), size, cost)

    def drop(self, candidate: Candidate) -> None:
        self.left.remove(candidate.mix)


@pytest.mark.parametrize(("size", "wanted"), [(10, "A"), (35, "B"), (45, "D"), (500, "E")])
def test_the_closer_of_the_two_largest_that_fit(size: int, wanted: str) -> None:
    bench = Written()
    assert best_within(bench, size, measured=True).mix == wanted
    assert bench.left == {wanted}
    assert len(bench.made) <= 2


def test_unmeasured_it_is_the_largest() -> None:
    bench = Written()
    assert best_within(bench, 35, measured=False).mix == "C"
    assert bench.made == ["C"]


@pytest.mark.parametrize(("most", "wanted"), [(0.01, "E"), (0.06, "D"), (0.35, "B"), (1, "A")])
def test_the_smallest_that_is_close_enough(most: float, wanted: str) -> None:
    bench = Written()
    assert smallest_within(bench, most).mix == wanted
    assert bench.left == {wanted}
    assert len(bench.made) <= 3


def test_where_nothing_will_do_the_nearest_is_named() -> None:
    bench = Written()
    with pytest.raises(UsageError, match=r"the nearest, E, is 0\.0100 away"):
        smallest_within(bench, 0.001)
    assert not bench.left
    with pytest.raises(UsageError, match="the smallest, A, has 10 B"):
        best_within(bench, 9, measured=True)


def test_of_a_model_smaller_than_all_that_can_be_made_nothing_is() -> None:
    bench = Written({})
    with pytest.raises(UsageError, match="Nothing smaller can be made"):
        best_within(bench, 35, measured=True)
    with pytest.raises(UsageError, match="Nothing smaller can be made"):
        smallest_within(bench, 0.1)
    assert bench.made == []
