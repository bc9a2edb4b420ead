"""A quote that is not in the file, letter for letter, is not proved."""

from __future__ import annotations

from dataclasses import replace

import pytest
from tests.civic.bills.bill_texts import SAMPLES_FOLDER, sample

from freehold.civic.bills.bill import Bill
from freehold.civic.bills.checking import QuoteCheck
from freehold.civic.bills.read import read_bill


def test_a_changed_file_proves_nothing() -> None:
    data = sample("typeset")
    bill = read_bill(data)
    clause = bill.clauses[0]
    assert QuoteCheck(bill, data).holds(clause.start, clause.end)
    assert not QuoteCheck(bill, data + b" ").holds(clause.start, clause.end)


def changed(bill: Bill, old: str, new: str) -> Bill:
    assert len(old) == len(new)
    assert old in bill.text
    return replace(bill, text=bill.text.replace(old, new))


@pytest.mark.parametrize(
    ("name", "old", "new"),
    [
        ("typeset.txt", "without a license", "without a licence"),
        ("new_york.txt", "shall not deploy", "shall now deploy"),
        ("introduced.xml", "approved it", "approves it"),
        ("texas.html", "may own", "may owe"),
    ],
)
def test_a_letter_that_differs_is_found(name: str, old: str, new: str) -> None:
    data = (SAMPLES_FOLDER / name).read_bytes()
    check = QuoteCheck(changed(read_bill(data), old, new), data)
    unproved = [each for each in read_bill(data).clauses if not check.holds(each.start, each.end)]
    assert len(unproved) == 1


def test_a_word_that_was_dropped_between_two_stretches_is_found() -> None:
    data = sample("typeset")
    bill = read_bill(data)
    place = next(
        place for place, each in enumerate(bill.stretches) if b"without a license" in each.raw
    )
    clause = next(clause for clause in bill.clauses if clause.path == "§ 2(a)")
    assert QuoteCheck(bill, data).holds(clause.start, clause.end)
    gone = bill.stretches[place]
    cut = replace(gone, end=gone.end - 8, raw=gone.raw[: -len(b" license")])
    later = bill.stretches[place + 1 :]
    after = [replace(each, start=each.start - 8, end=each.end - 8) for each in later]
    stretches = (*bill.stretches[:place], cut, *after)
    text = bill.text[: gone.end - 8] + bill.text[gone.end :]
    broken = replace(bill, text=text, stretches=stretches)
    assert not QuoteCheck(broken, data).holds(clause.start, clause.end - 8)


def test_offsets_outside_the_text_are_not_proved() -> None:
    data = sample("ohio")
    bill = read_bill(data)
    assert not QuoteCheck(bill, data).holds(5, 5)
    assert not QuoteCheck(bill, data).holds(-1, 5)
    assert not QuoteCheck(bill, data).holds(0, len(bill.text) + 1)
