"""Every rule, by clauses in many wordings, and what turns each of them round."""

from __future__ import annotations

import pytest
from tests.civic.clauses.wordings import Wording, wordings

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.judging import hear, judge, weightiest
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.rules.order import decide
from freehold.civic.clauses.statement import read_statement
from freehold.civic.clauses.subject import Subject

RED = [each for each in wordings() if each[1] is Label.RESTRICTS_TOOL]


def classed(text: str) -> tuple[Label, RedLine | None]:
    verdict, _ = judge(Passage(text, 0), Subject())
    return verdict.label, verdict.red_line


@pytest.mark.parametrize("wording", wordings(), ids=lambda each: each[0][:50])
def test_a_clause_has_its_class_and_a_reason(wording: Wording) -> None:
    text, label, line = wording
    verdict, _ = weightiest(hear(Passage(text, 0), Subject()))
    assert (verdict.label, verdict.red_line) == (label, line), "by rules alone"
    assert classed(text) == (label, line)
    because = decide(read_statement(Passage(text, 0)), Subject()).because
    assert because.endswith(".")


def test_every_red_line_has_wordings() -> None:
    assert {line for _, _, line in RED} == set(RedLine)


@pytest.mark.parametrize("wording", RED, ids=lambda each: each[0][:50])
def test_nothing_shall_be_construed_to_turns_a_red_line_round(wording: Wording) -> None:
    turned = f"Nothing in this Act shall be construed to mean that {wording[0]}"
    assert classed(turned)[0] is not Label.RESTRICTS_TOOL


@pytest.mark.parametrize("wording", RED, ids=lambda each: each[0][:50])
def test_a_study_of_a_red_line_is_none(wording: Wording) -> None:
    studied = f"The Secretary shall submit to Congress a report on whether {wording[0]}"
    assert classed(studied) == (Label.NEUTRAL, None)


@pytest.mark.parametrize("wording", RED, ids=lambda each: each[0][:50])
def test_a_definition_with_a_red_line_in_it_is_none(wording: Wording) -> None:
    defined = f'The term "covered rule" means a rule under which {wording[0]}'
    assert classed(defined) == (Label.NEUTRAL, None)


@pytest.mark.parametrize(
    "text",
    [
        "A person may not train an AI model at night.",
        "No person may deploy an AI model except in compliance with the practices in section 44.",
    ],
)
def test_a_ban_with_neither_harm_nor_leave_is_told_as_unsure(text: str) -> None:
    verdict, _ = judge(Passage(text, 0), Subject())
    assert verdict.label is not Label.RESTRICTS_TOOL
    assert Label.RESTRICTS_TOOL in verdict.unsure
