"""Intervals against published values."""

from __future__ import annotations

import math

import pytest

from freehold.study.intervals import mean, paired, share


@pytest.mark.parametrize(
    ("count", "n", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (15, 148, 0.0624, 0.1605),
        (1, 2, 0.0945, 0.9055),
    ],
)
def test_wilson(count: int, n: int, low: float, high: float) -> None:
    found = share(count, n)
    assert found is not None
    assert (found.value, found.n) == (count / n, n)
    assert found.low == pytest.approx(low, abs=2e-4)
    assert found.high == pytest.approx(high, abs=2e-4)


def test_student() -> None:
    found = mean([1.0, 2.0, 3.0, 4.0])
    assert found is not None
    reach = 3.182 * math.sqrt(5 / 3) / 2
    assert (found.low, found.high) == pytest.approx((2.5 - reach, 2.5 + reach))
    many = mean([0.0, 1.0] * 50)
    assert many is not None
    assert many.high - many.value == pytest.approx(
        1.984 * math.sqrt(0.25 * 100 / 99) / 10, rel=2e-3
    )


def test_of_nothing_and_of_one() -> None:
    assert share(0, 0) is None
    assert mean([]) is None
    one = mean([3.0])
    assert one is not None
    assert (one.low, one.high) == (-math.inf, math.inf)


def test_a_change_of_the_same_questions() -> None:
    """Agresti's table of approval, asked twice: 794 yes yes, 150 yes no, 86 no yes, 570 no no."""
    before = [True] * (794 + 150) + [False] * (86 + 570)
    after = [True] * 794 + [False] * 150 + [True] * 86 + [False] * 570
    found = paired(before, after)
    assert (found.value, found.n) == (-0.04, 1600)
    assert (found.low, found.high) == pytest.approx((-0.0587, -0.0213), abs=2e-4)


def test_a_change_of_few_questions_is_never_certain() -> None:
    same = paired([True, False] * 10, [True, False] * 10)
    assert same.value == 0
    assert same.low < -0.05
    assert same.high > 0.05
    whole = paired([False] * 3, [True] * 3)
    assert whole.value == whole.high == 1
    assert whole.low < 0.9
