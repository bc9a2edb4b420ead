from __future__ import annotations

import pytest

from freehold.units import human_bytes


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (98_362_432, "98.4 MB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (999_999_999, "1.0 GB"),
        (4_370_000_000, "4.4 GB"),
        (10**15, "1.0 PB"),
        (5 * 10**18, "5000.0 PB"),
        (-2_500_000, "-2.5 MB"),
    ],
)
def test_bytes_are_shown_as_people_read_them(count: int, words: str) -> None:
    assert human_bytes(count) == words
