"""A model that makes things up does not get them into anybody's mouth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.civic.calling.test_script import CLAUSE, member

from freehold.civic.calling.rewriting import rewrite
from freehold.civic.calling.script import write
from freehold.civic.calling.wish import Ask, Form, Wish

DRAFT = write(Wish(Ask.OPPOSE, Form.CALL, member(), CLAUSE, "Ana"))
LIES: dict[str, Callable[[str], str]] = {
    "a number was made up": lambda text: text + " It would cost 500 jobs.",
    "a quotation was made up": lambda text: text + " You said “we will ban them”.",
    "a quotation was lost": lambda text: text.replace("holds a licence", "has a licence"),
    "a blank was lost": lambda text: text.replace("[your town]", "the town"),
    "a name was made up": lambda text: text + " As you know, Sam Altman agrees.",
    "an address was made up": lambda text: text + " See www.example.org for it.",
    "a claim was added": lambda text: text + " This is unconstitutional.",
    "it is too long": lambda text: text + " please" * 60,
    "it is too short": lambda text: "Please oppose it.",
}


@pytest.mark.parametrize("why", LIES)
def test_what_a_model_adds_or_loses_is_refused(why: str) -> None:
    made = rewrite(DRAFT, lambda prompt: LIES[why](DRAFT.text))
    assert made.refused is not None
    assert made.refused.startswith(why)
    assert made.draft is DRAFT


def test_other_words_for_the_same_are_taken() -> None:
    def ask(prompt: str) -> str:
        assert DRAFT.text in prompt
        return DRAFT.text.replace("Thank you for your time.", "Thanks for listening.")

    made = rewrite(DRAFT, ask)
    assert made.refused is None
    assert made.draft.text.endswith("Thanks for listening.")
    assert made.draft.form is DRAFT.form


def test_an_empty_answer_is_refused() -> None:
    assert rewrite(DRAFT, lambda prompt: "").refused is not None
