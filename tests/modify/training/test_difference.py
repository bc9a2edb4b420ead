"""What is said of a change: its size for each example, and how sure that is."""

from __future__ import annotations

import pytest

from freehold.modify.training.difference import difference
from freehold.modify.training.network import Losses


def test_the_mean_is_over_examples_each_by_its_tokens() -> None:
    found = difference(Losses((10.0, 2.0), (10, 1)), Losses((5.0, 1.0), (10, 1)))
    assert found.mean == pytest.approx((-0.5 - 1.0) / 2)
    assert found.n == 2


def test_the_interval_is_narrow_where_all_agree_and_holds_zero_where_they_do_not() -> None:
    before = Losses((1.0,) * 40, (1,) * 40)
    sure = difference(before, Losses((0.5,) * 40, (1,) * 40))
    assert (sure.low, sure.high) == pytest.approx((-0.5, -0.5))
    torn = difference(before, Losses((0.5, 1.5) * 20, (1,) * 40))
    assert torn.low < 0 < torn.high
