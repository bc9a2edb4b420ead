"""Powers of ten as bills print them."""

from __future__ import annotations

import pytest

from freehold.civic.bills.numbers import powers_of_ten


@pytest.mark.parametrize(
    ("text", "exponents"),
    [
        ("greater than 10 26 integer or floating-point operations", [26]),
        ("greater than 10^26 operations", [26]),
        ("greater than 1026 floating-point operations", [26]),
        ("greater than 10²⁶ FLOPs", [26]),
        ("more than 10^{23} or 10**25", [23, 25]),
        ("ten to the power: 10 to the 26th power", [26]),
        ("room 1026 of the building, 10 26 Street, year 1026", []),
        ("section 10(26) and 10 days", []),
    ],
)
def test_a_power_is_read_in_every_spelling_and_a_plain_number_is_not(
    text: str, exponents: list[int]
) -> None:
    found = powers_of_ten(text)
    assert [power.exponent for power in found] == exponents
    assert all(text[power.start : power.end].startswith("10") for power in found)
