"""From what size on a clause applies, in every spelling."""

from __future__ import annotations

import pytest
from tests.civic.clauses.small_bill import SMALL_BILL, report_of

SPELLINGS = {
    "10 26": 1e26,
    "10^26": 1e26,
    "10²⁶": 1e26,
    "1026": 1e26,
    "10**26": 1e26,
    "1e26": 1e26,
    "10 to the 26th power": 1e26,
    "2 x 10^25": 2e25,
    "one hundred septillion": 1e26,
    "100 septillion": 1e26,
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_operations(spelling: str) -> None:
    (found, *_) = report_of(SMALL_BILL.replace("10 26", spelling)).red_lines
    (size,) = found.thresholds
    assert size.quantity == "operations"
    assert size.amount == pytest.approx(SPELLINGS[spelling])


@pytest.mark.parametrize(
    ("words", "quantity", "amount"),
    [
        ("with annual revenues in excess of $500,000,000", "dollars", 5e8),
        ("with annual revenues in excess of five hundred million dollars", "dollars", 5e8),
        ("that cost more than $100 million to train", "dollars", 1e8),
        ("with more than 1,000,000 monthly users", "users", 1e6),
        ("with at least one billion (1,000,000,000) parameters", "parameters", 1e9),
        ("having not less than 10 billion parameters", "parameters", 1e10),
    ],
)
def test_other_sizes(words: str, quantity: str, amount: float) -> None:
    text = SMALL_BILL.replace(
        "trained using more than 10 26 integer or floating-point operations", words
    )
    (found, *_) = report_of(text).red_lines
    assert [(each.quantity, each.amount) for each in found.thresholds] == [(quantity, amount)]


@pytest.mark.parametrize(
    "words",
    [
        "released after the year 2026",
        "described in section 1026 of title 10",
        "for which a fine of more than $500,000 was paid",
        "listed in 15 CFR 1026",
    ],
)
def test_other_numbers_are_no_size(words: str) -> None:
    text = SMALL_BILL.replace(
        "trained using more than 10 26 integer or floating-point operations", words
    )
    (found, *_) = report_of(text).red_lines
    assert found.thresholds == ()
