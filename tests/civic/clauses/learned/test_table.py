"""Weights of features: what they say of a clause."""

from __future__ import annotations

import math

import pytest

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.learned.table import Table, table

SMALL = Table(("red", "plain"), (0.0, 1.0), {"licens": [200, 0], "fee": [0, 150], "odd": [-50, 0]})


def test_shares_are_a_softmax_of_the_sums() -> None:
    shares = SMALL.shares(["licens", "fee", "unknown"])
    assert shares["red"] == pytest.approx(math.exp(2) / (math.exp(2) + math.exp(2.5)))
    assert sum(shares.values()) == pytest.approx(1)


def test_nothing_known_leaves_the_bias_alone() -> None:
    assert SMALL.shares([])["plain"] == pytest.approx(math.e / (1 + math.e))


def test_what_speaks_for_a_class_comes_heaviest_first() -> None:
    assert SMALL.heaviest(["odd", "fee", "licens"], "red", 5) == ["licens"]
    assert SMALL.heaviest(["licens", "fee"], "plain", 1) == ["fee"]


def test_equal_ones_come_by_name_so_that_a_reason_is_the_same_each_time() -> None:
    even = Table(("red",), (0.0,), {name: [10] for name in "dacb"})
    assert even.heaviest(iter("bdca"), "red", 3) == ["a", "b", "c"]


def test_the_one_that_comes_with_freehold_is_whole() -> None:
    kept = table()
    names = {*map(str, RedLine), *map(str, Label)} - {"restricts-tool"}
    assert set(kept.classes) == names
    assert len(kept.bias) == len(names)
    assert len(kept.weights) > 1000
    assert all(len(row) == len(names) for row in kept.weights.values())
    assert kept is table(), "read once"
