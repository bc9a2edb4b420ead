"""Numbers in words that a person can act on."""

from __future__ import annotations

import pytest

from freehold.actions.fit_words import bits_words, duration, plain_rate, two_sizes, whole_bytes


@pytest.mark.parametrize(
    ("rate", "words"),
    [(1234.5, "1,200"), (271, "270"), (12.4, "12"), (9.96, "10"), (3.14, "3.1"), (1.0, "1"),
     (0.4, "0.4"), (0.0042, "0.004")],
)  # fmt: skip
def test_rates_have_two_digits(rate: float, words: str) -> None:
    assert plain_rate(rate) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.2, "1 second"), (40, "40 seconds"), (480, "8 minutes"), (3600, "1 hour"),
     (100_000, "1 day"), (10**6, "12 days")],
)  # fmt: skip
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_sizes_as_they_are_spoken_of() -> None:
    assert whole_bytes(41_200_000_000) == "41 GB"
    assert whole_bytes(1_240_000_000) == "1.2 GB"
    assert whole_bytes(0) == "0 B"
    assert two_sizes(12_400_000_000, 12_000_000_000) == ("12.4 GB", "12.0 GB")


def test_bits_of_a_quantization() -> None:
    known = {"Q4_K_M": "4-bit", "IQ2_XXS": "2-bit", "MXFP4": "4-bit", "Q8_0": None, "F16": None}
    assert {name: bits_words(name) for name in known} == known
    assert bits_words(None) is None
