"""Wishes that make no sense are refused before anything starts."""

from __future__ import annotations

import pytest

from freehold.engine.interface import Sampling, Usage
from freehold.errors import UsageError


@pytest.mark.parametrize("wrong", [{"seed": -1}, {"seed": 2**32 - 1}, {"max_tokens": 0}])
def test_a_seed_and_a_length_have_their_ranges(wrong: dict[str, int]) -> None:
    with pytest.raises(UsageError, match=str(next(iter(wrong.values())))):
        Sampling(**wrong)  # type: ignore[arg-type] # passed on


def test_rates_count_what_was_done_and_are_none_when_nothing_was() -> None:
    usage = Usage(
        prompt_tokens=120, cached_tokens=20, answer_tokens=0, prompt_seconds=2.0, answer_seconds=0.0
    )
    assert usage.prompt_rate == 50.0
    assert usage.answer_rate is None
