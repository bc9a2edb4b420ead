"""The cap as people write it, and as a bucket with a clock of our own keeps it."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.transfer.rate import TokenBucket, parse_rate


@pytest.mark.parametrize(
    ("text", "rate"),
    [
        ("5MB/s", 5e6),
        ("500k", 5e5),
        ("1.5 MiB/s", 1.5 * 2**20),
        ("20Mbit/s", 2.5e6),
        ("64 kbit/s", 8e3),
        ("1g", 1e9),
        ("123", 123.0),
        ("2mbps", 2e6),
        (" .5M ", 5e5),
    ],
)
def test_ways_to_write_a_rate(text: str, rate: float) -> None:
    assert parse_rate(text) == rate


@pytest.mark.parametrize(
    "text", ["", "fast", "-5MB/s", "5 parsecs", "1,5MB/s", "0", "MB/s", "5i", "3bit/s/s"]
)
def test_what_is_no_rate_gets_an_example(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_rate(text)
    assert text.strip() in caught.value.message
    assert caught.value.hint is not None
    assert "5MB/s" in caught.value.hint


def test_the_bucket_keeps_the_rate_whoever_draws_from_it() -> None:
    now = 0.0
    bucket = TokenBucket(1000.0, lambda: now)
    for _ in range(500):
        now += bucket.reserve(37)
    assert 500 * 37 / now == pytest.approx(1000, rel=0.02)


def test_a_quiet_time_is_not_saved_up() -> None:
    now = 0.0
    bucket = TokenBucket(1000.0, lambda: now)
    now = 3600.0
    assert bucket.reserve(50) == 0
    assert bucket.reserve(1050) == pytest.approx(1.0)
