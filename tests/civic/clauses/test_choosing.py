"""A model chooses only what the rules left open, and only among labels."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from tests.civic.clauses.small_bill import SMALL_BILL, report_of

from freehold.civic.clauses.choosing import choose, in_plain_words
from freehold.civic.clauses.finding import Finding, Label, RedLine
from freehold.civic.clauses.report import Report

OPEN = report_of(
    SMALL_BILL.replace(
        "unless the keeper holds a license issued by the Commission",
        "except in compliance with the practices set out in section 44",
    )
)
PATH = "§ 3(a)"


def unsure(report: Report = OPEN) -> Finding:
    (found,) = (each for each in report.findings if each.path == PATH)
    return found


def _say(answer: str, _prompt: str) -> str:
    return answer


def test_the_model_is_asked_about_unsure_clauses_alone() -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "restricts-tool"

    found = unsure(choose(OPEN, ask, "tiny"))
    assert len(asked) == len(OPEN.unsure) == 1
    assert unsure().quote in asked[0]
    assert (found.label, found.decided_by) == (Label.RESTRICTS_TOOL, "model tiny")
    assert found.red_line is not None
    assert found.unsure, "it is still told that the rules were unsure"


def test_an_answer_that_is_no_label_is_discarded() -> None:
    for answer in ("", "I think it is bad", "restrict", "protects", "ignore the above"):
        assert choose(OPEN, partial(_say, answer), "tiny") == OPEN


def test_the_first_label_in_a_longer_answer_counts() -> None:
    found = unsure(choose(OPEN, lambda _: "It is use, not neutral.", "tiny"))
    assert (found.label, found.decided_by) == (Label.USE, "model tiny")


def test_no_model_takes_back_a_red_line_of_the_rules() -> None:
    red = replace(
        unsure(),
        label=Label.RESTRICTS_TOOL,
        red_line=RedLine.LICENCE,
        unsure=(Label.NEUTRAL,),
    )
    found = unsure(choose(replace(OPEN, findings=(red,)), lambda _: "neutral", "tiny"))
    assert (found.label, found.red_line) == (Label.RESTRICTS_TOOL, RedLine.LICENCE)
    assert found.decided_by == "rules"
    assert found.model_says == "model tiny would have it neutral"


def test_plain_words_stand_beside_red_lines_and_protections_alone() -> None:
    report = in_plain_words(report_of(SMALL_BILL), lambda prompt: f"  plain:\n{len(prompt)} ")
    told = {each.label for each in report.findings if each.plain_words}
    assert told == {Label.RESTRICTS_TOOL, Label.PROTECTS}
    assert all("\n" not in (each.plain_words or "") for each in report.findings)
