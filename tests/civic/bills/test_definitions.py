"""What a bill says its terms mean, in each form in which bills say it."""

from __future__ import annotations

import pytest
from tests.civic.bills.bill_texts import definition_of, sample

from freehold.civic.bills.read import read_bill


@pytest.mark.parametrize(
    ("name", "term", "path", "begins"),
    [
        ("marked", "large model", "§ 2(1)", "The term large model means"),
        ("marked", "release", "§ 2(2)", "The terms deploy and release"),
        ("new_york", "frontier models", "§ 1 → § 1420(1)", '"Frontier model" means'),
        ("california", "Catastrophic Risk", "§ 2 → § 22757.11(a)", '"Catastrophic risk" means'),
        ("texas", "consumers", "§ 2 → § 551.001(2)", '"Consumer" means an individual'),
        ("colorado", "consumer", "§ 1 → § 6-1-1701(2)", '"Consumer" means a resident.'),
        ("ohio", "person", "§ 1 → § 1355.01(B)(1)", '"Person" means a human.'),
        ("minnesota", "nudify", "§ 1 → § 325E.91, subd. 1(b)", '"Nudify" means the process'),
        ("montana", "government entities", "§ 2(2)", '"Government entity" means'),
    ],
)
def test_a_term_is_found_in_any_number_and_case(
    name: str, term: str, path: str, begins: str
) -> None:
    bill = read_bill(sample(name))
    found = definition_of(bill, term)
    assert found is not None
    assert found.path == path
    assert bill.quote(found.start, found.end).startswith(begins)


def test_a_definition_is_as_long_as_the_list_that_gives_it() -> None:
    bill = read_bill(sample("montana"))
    found = definition_of(bill, "compelling government interest")
    assert found is not None
    assert bill.quote(found.start, found.end).rstrip().endswith("(b) preventing fraud.")


def test_a_term_that_is_not_defined_has_no_definition() -> None:
    assert definition_of(read_bill(sample("ohio")), "deployer") is None


def test_several_terms_in_one_sentence_are_each_defined() -> None:
    bill = read_bill(b'SECTION 1. In this act, "model", "system", or "tool" means a machine.')
    assert [each.term for each in bill.definitions] == ["model", "system", "tool"]
