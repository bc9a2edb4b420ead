"""A sentence taken apart: who must, may or must not do what."""

from __future__ import annotations

import pytest

from freehold.civic.clauses.passage import Passage
from freehold.civic.clauses.statement import Actor, Force, Statement, read_statement


def said(text: str, above: str = "") -> Statement:
    return read_statement(Passage(above + text, len(above)))


@pytest.mark.parametrize(
    ("text", "force", "who", "actor"),
    [
        ("A developer shall register.", Force.DUTY, "A developer", Actor.ANYONE),
        ("No person may run it.", Force.BAN, "No person", Actor.ANYONE),
        ("It shall be unlawful for any person to run it.", Force.BAN, "any person", Actor.ANYONE),
        ("The Secretary may forbid it.", Force.MAY, "The Secretary", Actor.GOVERNMENT),
        ("A state agency shall not use it.", Force.BAN, "A state agency", Actor.GOVERNMENT),
        ("An AI model may not be sold.", Force.BAN, "An AI model", Actor.THING),
        ("The application shall say so.", Force.DUTY, "The application", Actor.PAPER),
        ("Not later than 90 days after that, the Director shall act.", Force.DUTY,
         "the Director", Actor.GOVERNMENT),
        ("If a model may harm, the developer must act.", Force.DUTY, "the developer",
         Actor.ANYONE),
        ("A person licensed by an agency may do so.", Force.MAY,
         "A person licensed by an agency", Actor.ANYONE),
        ("No agency or private person may use it.", Force.BAN, "No agency or private person",
         Actor.ANYONE),
        ("A United States person shall not send it.", Force.BAN, "A United States person",
         Actor.ANYONE),
        ("It is a long day.", Force.NONE, "", Actor.THING),
    ],
)  # fmt: skip
def test_who_is_bound_and_how(text: str, force: Force, who: str, actor: Actor) -> None:
    found = said(text)
    assert (found.force, found.who_verbatim, found.actor) == (force, who, actor)


def test_an_item_goes_on_from_the_verb_above() -> None:
    found = said("(1) register the model; and", "A developer shall— ")
    assert (found.force, found.who_verbatim) == (Force.DUTY, "A developer")
    assert found.act.startswith("register")


def test_an_item_with_a_subject_of_its_own_does_not() -> None:
    found = said("(2) the Secretary may waive it;", "A developer shall— ")
    assert (found.force, found.actor) == (Force.MAY, Actor.GOVERNMENT)


def test_an_item_that_refrains_is_a_ban() -> None:
    assert said("(1) not sell it;", "A developer shall— ").force is Force.BAN
    assert said("(1) refrain from selling it;", "A developer shall— ").force is Force.BAN


def test_capitals_quotes_and_odd_spaces_change_nothing() -> None:
    plain, odd = "A developer shall not use “it”.", "A  DEVELOPER\u00a0SHALL NOT USE “İT”."
    assert said(plain).force is said(odd).force is Force.BAN
    assert len(said(odd).words) == len(odd)
