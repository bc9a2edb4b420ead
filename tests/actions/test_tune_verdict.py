"""The sign test: exactly as sure as it says, on every row of coins and on any noise."""

from __future__ import annotations

import itertools
import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from freehold.actions.tune_verdict import (
    HAIR,
    LOOKS,
    Figure,
    Pair,
    Timing,
    Verdict,
    false_alarm,
    interval,
    no_worse,
    sign_test,
    verdict,
)

WRITE = (Figure.WRITE,)


def pairs(*ratios: float) -> list[Pair]:
    """Pairs in which the change was so many times as fast."""
    return [Pair(Timing(write=ratio), Timing(write=1.0)) for ratio in ratios]


@pytest.mark.parametrize(
    ("won", "said"),
    [
        ("", Verdict.OPEN),
        ("11111", Verdict.OPEN),
        ("111111", Verdict.BETTER),
        ("011111", Verdict.OPEN),
        ("011111111", Verdict.BETTER),
        ("0011111111", Verdict.OPEN),
        ("001111111111", Verdict.BETTER),
        ("000", Verdict.NOT_BETTER),
        ("11011010", Verdict.NOT_BETTER),
    ],
)
def test_the_signs_decide(won: str, said: Verdict) -> None:
    assert sign_test([1.0 if each == "1" else -1.0 for each in won]) is said


def test_the_stated_confidence_is_that_of_every_row_of_coins() -> None:
    longest = LOOKS[-1][0]
    passed = sum(
        sign_test(row) is Verdict.BETTER for row in itertools.product((1.0, -1.0), repeat=longest)
    )
    assert passed / 2**longest == pytest.approx(false_alarm())
    assert false_alarm() < 0.05


def test_a_draw_is_no_win() -> None:
    assert verdict(pairs(*[1.0] * 3), WRITE) is Verdict.NOT_BETTER


def test_a_gain_of_next_to_nothing_is_not_worth_keeping() -> None:
    assert verdict(pairs(*[1.001] * 6), WRITE) is Verdict.NOT_BETTER
    assert verdict(pairs(*[1.02] * 6), WRITE) is Verdict.BETTER


def test_one_wild_measurement_neither_makes_nor_breaks_a_change() -> None:
    assert verdict(pairs(1000, 0.9, 0.9, 0.9), WRITE) is Verdict.NOT_BETTER
    assert verdict(pairs(0.001, *[1.1] * 8), WRITE) is Verdict.BETTER


def test_a_change_may_not_slow_what_is_guarded() -> None:
    told = [Pair(Timing(write=1.0, repeat=2.0), Timing(write=1.1, repeat=1.0))] * 6
    assert verdict(told, (Figure.REPEAT,)) is Verdict.BETTER
    assert verdict(told, (Figure.REPEAT,), WRITE) is Verdict.NOT_BETTER


def test_a_figure_that_was_not_measured_is_no_zero() -> None:
    with pytest.raises(ValueError, match="read"):
        Timing(write=1.0).seconds([Figure.READ])


@given(st.lists(st.floats(0.2, 5), min_size=6, max_size=12))
def test_what_is_called_better_was_faster_in_the_median(ratios: list[float]) -> None:
    told = pairs(*ratios)
    if verdict(told, WRITE) is Verdict.BETTER:
        seen = ratios[: next(n for n, most in LOOKS if sum(r <= 1 for r in ratios[:n]) <= most)]
        assert statistics.median(seen) > 1


@given(st.lists(st.floats(-2, 2), min_size=1, max_size=40))
def test_the_interval_holds_the_median_and_lies_within_the_gains(gains: list[float]) -> None:
    low, high = interval(gains)
    assert min(gains) <= low <= statistics.median(gains) <= high <= max(gains)


def test_the_interval_is_as_sure_as_it_says() -> None:
    # Of nine gains, the second smallest to the second largest: surer than 95% (Conover, table A3).
    assert interval([float(n) for n in range(9)]) == (1.0, 7.0)
    assert interval([float(n) for n in range(6)]) == (0.0, 5.0)


def test_no_worse_allows_a_hair_and_no_more() -> None:
    assert no_worse(pairs(*[math.exp(-HAIR) + 1e-9] * 6), WRITE)
    assert not no_worse(pairs(*[math.exp(-HAIR) - 1e-3] * 6), WRITE)
