"""Clauses that no rule is sure of, looked at by the weight of their words."""

from __future__ import annotations

import math

import pytest

from freehold.civic.clauses.finding import Label, RedLine
from freehold.civic.clauses.judging import hear, judge
from freehold.civic.clauses.learned.table import Table
from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.subject import Subject

AI = Subject(title="an act relating to artificial intelligence")
UNKNOWN = [
    "Systems on which frontier models run shall be so made that a signal will cause them to stop.",
    "Model files must carry code that makes them unusable when their certificate is recalled.",
    "Uncertified frontier systems are contraband and may be seized wherever found.",
]


@pytest.mark.parametrize("text", UNKNOWN, ids=lambda text: text[:30])
def test_a_wording_that_no_rule_knows_is_found_and_told_as_unsure(text: str) -> None:
    passage = Passage(text, 0)
    assert all(known.label is not Label.RESTRICTS_TOOL for known, _ in hear(passage, AI))
    verdict, _ = judge(passage, AI)
    assert verdict.label is Label.RESTRICTS_TOOL
    assert isinstance(verdict.red_line, RedLine)
    assert {Label.USE, Label.NEUTRAL} == set(verdict.unsure)
    named = verdict.because.split("“")[1].split("”")[0]
    assert named in text.lower()


@pytest.mark.parametrize("text", UNKNOWN, ids=lambda text: text[:30])
def test_where_a_rule_is_sure_nothing_is_looked_at_again(text: str) -> None:
    for turned in (
        f'The term "old rule" means a rule under which {text[0].lower()}{text[1:]}',
        f"The commission shall study whether {text[0].lower()}{text[1:]}",
        f"The legislature finds that {text[0].lower()}{text[1:]}",
    ):
        assert judge(Passage(turned, 0), AI)[0].label is Label.NEUTRAL, turned


def weighing(share: float) -> Table:
    """A table by which every clause is a registration with this share, else neutral."""
    bias = {"registration": math.log(share / (1 - share)), "neutral": 0.0}
    classes = (*map(str, RedLine), "protects", "use", "neutral")
    return Table(classes, tuple(bias.get(each, -99.0) for each in classes), {})


@pytest.mark.parametrize(
    ("text", "share", "is_red"),
    [
        ("A developer shall tell the office of each model that it makes.", 0.81, True),
        ("A developer shall tell the office of each model that it makes.", 0.79, False),
        ("The office may hear developers of models.", 0.89, False),
        ("The office may hear developers of models.", 0.91, True),
        ("The office may not deploy a model until it has been heard.", 0.99, False),
        ("Accounts of children at a chatbot shall be frozen until they are heard.", 0.99, False),
        ("Each account at a chatbot shall be frozen until it is heard.", 0.99, True),
    ],
)
def test_how_much_it_takes_depends_on_who_is_spoken_of(
    text: str, share: float, is_red: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.civic.clauses.learned.second_look.table", lambda: weighing(share))
    verdict, _ = judge(Passage(text, 0), AI)
    assert (verdict.red_line is RedLine.REGISTRATION) is is_red


@pytest.mark.parametrize(("share", "is_red"), [(0.06, True), (0.04, False)])
def test_a_red_line_of_a_rule_is_taken_back_where_its_words_are_hardly_ever_one(
    share: float, is_red: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("freehold.civic.clauses.learned.second_look.table", lambda: weighing(share))
    verdict, _ = judge(Passage("No person may train a model without a licence.", 0), AI)
    assert (verdict.label is Label.RESTRICTS_TOOL) is is_red
    if not is_red:
        assert Label.RESTRICTS_TOOL in verdict.unsure
        assert "without a licence from an authority" in verdict.because


def test_words_that_lift_a_duty_are_no_red_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("freehold.civic.clauses.learned.second_look.table", lambda: weighing(0.99))
    for text, is_red in (
        ("A system shall be told to the office before it is heard.", True),
        ("A system of one person is relieved of being told to the office.", False),
    ):
        assert (judge(Passage(text, 0), AI)[0].label is Label.RESTRICTS_TOOL) is is_red, text


def test_where_no_model_is_spoken_of_nothing_is_looked_at() -> None:
    text = "Uncertified boilers are contraband and may be seized wherever found."
    assert judge(Passage(text, 0), Subject())[0].label is Label.NEUTRAL
