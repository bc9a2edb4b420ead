"""A whole bill, from its bytes to findings with checked quotes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.civic.clauses.small_bill import SMALL_BILL, report_of

from freehold.civic.bills.read import read_bill
from freehold.civic.clauses.class_bill import class_bill
from freehold.civic.clauses.finding import Finding, Label, RedLine


def at(path: str, text: str = SMALL_BILL) -> Finding:
    (found,) = (each for each in report_of(text).findings if each.path == path)
    return found


def test_each_clause_has_its_class() -> None:
    classes = {each.path: (each.label, each.red_line) for each in report_of(SMALL_BILL).findings}
    assert classes["§ 3(a)"] == (Label.RESTRICTS_TOOL, RedLine.LICENCE)
    assert classes["§ 3(b)(1)"] == (Label.RESTRICTS_TOOL, RedLine.REGISTRATION)
    assert classes["§ 4(a)"] == (Label.USE, None)
    assert classes["§ 5"] == (Label.PROTECTS, None)
    neutral = {path for path, (label, _) in classes.items() if label is Label.NEUTRAL}
    assert {"§ 1", "§ 2(1)", "§ 2(2)", "§ 3(b)(2)", "§ 6"} <= neutral


def test_a_red_line_says_who_from_what_size_and_whom_it_spares() -> None:
    found = at("§ 3(a)")
    assert found.who == "No keeper"
    assert found.definition is not None
    assert "a person who owns or runs a covered model" in found.definition
    (size,) = found.thresholds
    assert (size.quantity, size.amount, size.quote) == ("operations", 1e26, "10 26")
    (lift,) = found.lifts
    assert (lift.whom, lift.path) == ("open models", "§ 5")
    assert found.because == "That may not be done without a licence from an authority."
    assert found.decided_by == "rules"


def test_every_quote_is_the_text_between_its_offsets() -> None:
    report = report_of(SMALL_BILL)
    assert report.findings
    for each in report.findings:
        assert report.bill.text[each.start : each.end] == each.quote
        for size in each.thresholds:
            assert report.bill.text[size.start : size.end] == size.quote


def test_an_item_goes_on_from_the_words_above_it() -> None:
    report = report_of(SMALL_BILL)
    found = at("§ 3(b)(1)")
    assert found.quote.startswith("register the covered model")
    assert [report.bill.quote(*span) for span in found.governed_by] == ["A keeper shall—"]
    assert found.who == "A keeper"


def test_a_finding_whose_words_are_not_in_the_source_is_dropped_and_counted() -> None:
    bill = read_bill(SMALL_BILL.encode(), "small.txt")
    report = class_bill(bill, lambda start, end: "license" not in bill.quote(start, end))
    assert report.dropped == 2
    assert all("license" not in each.quote for each in report.findings)


def test_a_penalty_is_what_it_punishes() -> None:
    assert at("§ 3(c)").label is Label.NEUTRAL  # of a red line, named by number only
    assert at("§ 4(b)").label is Label.USE


def test_a_list_under_a_ban_is_one_finding() -> None:
    text = SMALL_BILL.replace(
        "unless the keeper holds a license issued by the Commission.",
        "unless—\n(1) the keeper holds a license issued by the Commission; and\n"
        "(2) the keeper has paid the fee.",
    )
    (found,) = (each for each in report_of(text).red_lines if each.red_line is RedLine.LICENCE)
    assert found.path == "§ 3(a)"
    assert found.quote.startswith("No keeper may run")
    assert found.quote.endswith("has paid the fee.")


def test_compliance_is_as_strict_as_what_it_points_at() -> None:
    ban = "No person may deploy a covered model unless in compliance with subsection (b)."
    text = SMALL_BILL.replace(
        "No keeper may run a covered model unless the keeper holds a license issued by the "
        "Commission.",
        ban,
    )
    found = at("§ 3(a)", text)
    assert (found.quote, found.red_line) == (ban, RedLine.REGISTRATION)
    assert "§ 3(b)(1)" in found.because
    harmless = text.replace("register the covered model with the Commission", "keep its records")
    assert at("§ 3(a)", harmless).label is Label.NEUTRAL
    assert Label.RESTRICTS_TOOL in at("§ 3(a)", harmless).unsure


def test_a_name_that_the_bill_gives_to_an_authoritys_leave_is_that_leave() -> None:
    text = SMALL_BILL.replace(
        "SEC. 3. LICENSE.",
        '(3) STEWARD.—The term "steward" means a person whom the Commission has granted a letter.\n'
        "SEC. 3. LICENSE.",
    ).replace(
        "No keeper may run a covered model unless the keeper holds a license issued by the "
        "Commission.",
        "Running a covered model is reserved to stewards.",
    )
    found = at("§ 3(a)", text)
    assert (found.red_line, found.decided_by) == (RedLine.LICENCE, "rules")


def test_an_excerpt_without_title_is_about_models_where_it_names_them_often() -> None:
    text = (
        "[...]\nSEC. 4. PRODUCTS.\n"
        "(a) An artificial intelligence product is a product of artificial intelligence.\n"
        "(b) A developer shall do all of the following with respect to a covered product:\n"
        "(1) Register the covered product using the registry of the board.\n"
        "(2) Say whether artificial intelligence is used.\n"
    )
    assert at("§ 4(b)(1)", text).red_line is RedLine.REGISTRATION


def test_a_bill_without_red_lines_has_none() -> None:
    start = SMALL_BILL.index("SEC. 3.")
    report = report_of(SMALL_BILL[:start] + SMALL_BILL[SMALL_BILL.index("SEC. 4.") :])
    assert report.red_lines == ()
    assert report.read == len(report.findings)


def test_struck_words_are_no_finding() -> None:
    text = SMALL_BILL.replace(
        "(c) PENALTY.—A keeper",
        "<DELETED>(d) OLD.—No person may own a model without a license.</DELETED>\n"
        "(c) PENALTY.—A keeper",
    )
    report = report_of(text)
    assert report.struck == 1
    assert not any("may own a model" in each.quote for each in report.findings)


ACTORS = ("keeper", "operator", "hobbyist", "corporation", "person")


@pytest.mark.parametrize("actor", ACTORS)
def test_another_name_for_the_bound_one_changes_no_class(actor: str) -> None:
    renamed = report_of(SMALL_BILL.replace("keeper", actor).replace("KEEPER", actor.upper()))
    classes = [(each.path, each.label, each.red_line) for each in renamed.findings]
    assert classes == [(e.path, e.label, e.red_line) for e in report_of(SMALL_BILL).findings]


@settings(max_examples=40, deadline=None)
@given(st.text(max_size=300))
def test_any_text_between_sections_leaves_offsets_right(noise: str) -> None:
    data = SMALL_BILL.replace("SEC. 6.", f"{noise}\nSEC. 6.").encode("utf-8", "replace")
    bill = read_bill(data, "small.txt")
    report = class_bill(bill)
    assert all(bill.text[each.start : each.end] == each.quote for each in report.findings)
    ordered = [each.start for each in report.findings]
    assert ordered == sorted(ordered)


@pytest.mark.parametrize("words", ["unless licensed until ", "a person shall not may ", "a, "])
def test_a_sentence_without_end_is_read_in_stretches(words: str) -> None:
    text = f"SECTION 1. RULE.\nNo person may own an AI model {words * (10**5 // len(words))}"
    report = report_of(f"{text} without a license.")
    assert report.read == len(report.findings) == 1
    assert report.dropped == 0
