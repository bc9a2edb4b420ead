"""A size beside one machine."""

from __future__ import annotations

import pytest

from freehold.civic.clauses.finding import Threshold
from freehold.civic.clauses.scale import ASSUMED, Machine, in_words


def size(amount: float, quantity: str = "operations") -> Threshold:
    return Threshold(quantity, amount, "", 0, 0)


@pytest.mark.parametrize(
    ("amount", "said"),
    [
        (1e26, "from 10^26 operations: 30 days of this machine are 7 orders of magnitude below"),
        (3e25, "from 3 x 10^25 operations: 30 days of this machine are 7 orders"),
        (1e20, "from 10^20 operations: 30 days of this machine are 1 order of magnitude below"),
        (1e19, "from 10^19 operations: 30 days of this machine are just below"),
        (1e18, "from 10^18 operations: this machine could do that in 11.6 days"),
    ],
)
def test_how_far_a_months_computing_is(amount: float, said: str) -> None:
    assert in_words(size(amount), Machine(1e12, measured=True)).startswith(said)


def test_an_assumption_is_named_as_one() -> None:
    assert "assumed: nothing was measured here" in in_words(size(1e26), Machine())
    assert "(measured)" in in_words(size(1e26), Machine(ASSUMED, measured=True))


def test_dollars_are_only_told() -> None:
    assert in_words(size(5e8, "dollars"), Machine()) == "from 500,000,000 dollars"
