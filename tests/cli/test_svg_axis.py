"""Axes that end on round numbers, whatever the values."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from freehold.cli.svg_axis import binary, doubling_axis, linear_axis


@pytest.mark.parametrize(
    ("values", "labels"),
    [
        ([3, 97], ["0", "20", "40", "60", "80", "100"]),
        ([0.2, 1.1], ["0", "0.25", "0.50", "0.75", "1.00", "1.25"]),
        ([12], ["0", "2.5", "5.0", "7.5", "10.0", "12.5"]),
        ([-3, 4], ["-4", "-2", "0", "2", "4"]),
        ([1_250_000_000], ["0", "0.25G", "0.50G", "0.75G", "1.00G", "1.25G"]),
        ([90_000], ["0", "20k", "40k", "60k", "80k", "100k"]),
        ([0.0], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        ([], ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
    ],
)
def test_round_numbers(values: list[float], labels: list[str]) -> None:
    assert [label for _, label in linear_axis(values).ticks][: len(labels)] == labels


@given(st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), min_size=1), st.booleans())
@example([2e-308], True)
def test_every_value_lies_on_the_axis(values: list[float], from_zero: bool) -> None:
    axis = linear_axis(values, from_zero=from_zero)
    assert all(-1e-6 <= axis.share(value) <= 1 + 1e-6 for value in values)
    assert 2 <= len(axis.ticks) <= 12


def test_doublings_take_the_same_room() -> None:
    axis = doubling_axis([512, 3000, 32_768])
    assert [label for _, label in axis.ticks] == ["512", "1k", "2k", "4k", "8k", "16k", "32k"]
    steps = [axis.share(value) for value, _ in axis.ticks]
    assert steps == pytest.approx([n / 6 for n in range(7)])
    assert doubling_axis([4]).ticks == ((4, "4"), (8, "8"))
    assert len(doubling_axis([1, 2**40]).ticks) <= 13


@pytest.mark.parametrize("values", [[], [0, 4], [-1]])
def test_what_cannot_be_doubled(values: list[float]) -> None:
    with pytest.raises(ValueError, match="above zero"):
        doubling_axis(values)


def test_powers_of_two_in_words() -> None:
    assert [binary(n) for n in (1, 512, 1024, 1536, 1 << 20)] == ["1", "512", "1k", "1536", "1M"]
