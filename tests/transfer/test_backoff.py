"""How long to wait."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from freehold.transfer.backoff import Patience, retry_after


def test_waits_double_up_to_a_limit_with_chance_in_them() -> None:
    patience = Patience(first=1.0, longest=10.0)
    assert [patience.wait(n, chance=1.0) for n in range(1, 7)] == [1, 2, 4, 8, 10, 10]
    assert [patience.wait(n, chance=0.0) for n in range(1, 4)] == [0.5, 1, 2]
    assert len({patience.wait(3) for _ in range(20)}) > 1


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("7", 7.0),
        ("Mon, 23 Nov 2026 12:00:30 GMT", 30.0),
        ("Mon, 23 Nov 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("", None),
        (None, None),
    ],
)
def test_retry_after_is_a_number_or_a_date(value: str | None, seconds: float | None) -> None:
    assert retry_after(value, datetime(2026, 11, 23, 12, tzinfo=UTC)) == seconds
