"""What of a clause is counted."""

from __future__ import annotations

from freehold.civic.clauses.judging import hear
from freehold.civic.clauses.learned.features import features, stems
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.subject import Subject

ABOVE = "Before training a covered AI model, a developer shall: "
OWN = "Obtain 2 licences from the Division."


def facts(text: str = ABOVE + OWN, own_from: int = len(ABOVE)) -> frozenset[str]:
    passage = Passage(text, own_from, heading="Duties of Developers")
    return features(passage, hear(passage, Subject()), Subject())


def test_words_lose_their_endings_and_numbers_their_figures() -> None:
    assert stems("licensing licensed trained 10,000 use") == [
        "licens",
        "licens",
        "train",
        "#",
        "use",
    ]


def test_own_words_those_above_and_headings_are_told_apart() -> None:
    found = facts()
    assert {"obtain", "obtain #", "train", "^train", "=duti"} <= found
    assert "^obtain" not in found
    assert "=obtain" not in found


def test_what_stands_before_what_is_counted() -> None:
    found = facts()
    assert {"<gate> <act>", "<act> <licence>", "force duty", "actor anyone"} <= found
    assert "<licence> <gate>" not in found


def test_what_a_gate_asks_for_is_counted() -> None:
    text = "No person may train an AI model without a permit from the Board."
    found = facts(text, 0)
    assert {"gate to <licence>", "gate to <office>", "who <people>"} <= found


def test_a_red_line_of_the_rules_is_no_fact_and_another_rule_is() -> None:
    assert not any(each.startswith("rule") for each in facts())
    plan = facts("The Board shall study whether AI models should be licensed.", 0)
    assert "rule is_plan" in plan
