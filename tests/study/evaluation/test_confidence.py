"""Wilson's interval, against figures from its formula worked by hand."""

from __future__ import annotations

import pytest

from freehold.study.evaluation.confidence import share_of


@pytest.mark.parametrize(
    ("right", "of", "low", "high"),
    [
        (0, 10, 0.0, 0.2775),
        (10, 10, 0.7225, 1.0),
        (5, 10, 0.2366, 0.7634),
        (81, 263, 0.2553, 0.3662),
    ],
)
def test_it_is_wilsons(right: int, of: int, low: float, high: float) -> None:
    share = share_of(right, of)
    assert (share.low, share.high) == pytest.approx((low, high), abs=1e-4)
    assert share.low <= share.value <= share.high


def test_guessing_is_beaten_only_beyond_doubt() -> None:
    assert not share_of(5, 10).beats(0.25)
    assert share_of(20, 40).beats(0.25)
