"""Two versions of a bill."""

from __future__ import annotations

from tests.civic.clauses.small_bill import SMALL_BILL, report_of

from freehold.civic.clauses.versions import Versions, compare

LICENCE = (
    "No keeper may run a covered model unless the keeper holds a license issued by the Commission."
)
REPORT = "A keeper shall publish a report on each covered model once a year."


def between(older: str, newer: str) -> Versions:
    return compare(report_of(older), report_of(newer))


def test_the_same_bill_has_no_change() -> None:
    found = between(SMALL_BILL, SMALL_BILL)
    assert (found.came, found.went, found.changed) == ((), (), ())
    assert [each.after.path for each in found.same] == ["§ 3(a)", "§ 3(b)(1)", "§ 5"]


def test_a_red_line_that_went_and_one_that_came() -> None:
    without = SMALL_BILL.replace(LICENCE, REPORT)
    assert [each.quote for each in between(SMALL_BILL, without).went] == [LICENCE]
    assert [each.quote for each in between(without, SMALL_BILL).came] == [LICENCE]


def test_other_words_are_a_change_with_both_shown() -> None:
    softer = LICENCE.replace("run a covered model", "run a covered model for a fee")
    (changed,) = between(SMALL_BILL, SMALL_BILL.replace(LICENCE, softer)).changed
    assert (changed.before.quote, changed.after.quote) == (LICENCE, softer)


def test_a_clause_that_moved_is_the_same_clause() -> None:
    moved = SMALL_BILL.replace(
        "SEC. 3. LICENSE.", "SEC. 3. OFFICE.\nThere is a Commission.\nSEC. 33. LICENSE."
    )
    found = between(SMALL_BILL, moved)
    assert (found.came, found.went, found.changed) == ((), (), ())
    assert found.same[0].before.path == "§ 3(a)"
    assert found.same[0].after.path == "§ 33(a)"
