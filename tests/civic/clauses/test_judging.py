"""Items of lists, judged with the words above them."""

from __future__ import annotations

from pathlib import Path

import pytest

from freehold.civic.clauses.judging import judge
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.subject import Subject

ITEMS = (Path(__file__).parent / "items.txt").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("row", ITEMS)
def test_an_item_is_what_it_is_under_the_words_above_it(row: str) -> None:
    expected, above, own = row.split(" | ")
    verdict, _ = judge(Passage(f"{above} {own}", len(above) + 1), Subject())
    assert (verdict.red_line or "none") == expected


def test_the_weightiest_sentence_of_a_clause_counts() -> None:
    text = (
        "The Board has five members. No person may own an AI model without a license. "
        "The Board shall meet once a year."
    )
    verdict, said = judge(Passage(text, 0), Subject())
    assert verdict.red_line == "licence"
    assert said.who_verbatim == "No person"


def test_a_sentence_may_hold_two() -> None:
    text = "The Board shall issue licenses, and no person may run an AI model without a license."
    assert judge(Passage(text, 0), Subject())[0].red_line == "licence"
