"""A model that makes things up does not get them into anybody's mouth."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from tests.civic.calling.test_script import CLAUSE, member

from freehold.civic.calling.rewriting import rewrite
from freehold.civic.calling.script import write
from freehold.civic.calling.wish import Ask, Form, Wish

DRAFT = write(Wish(Ask.OPPOSE, Form.CALL, member(), CLAUSE, name="Ana"))
LIES: dict[str, Callable[[str], str]] = {
    "a number was made up": lambda text: text + " It would cost 500 jobs.",
    "a quotation was made up": lambda text: text + " You said “we will ban them”.",
    "a quotation was lost": lambda text: text.replace("holds a licence", "has a licence"),
    "a blank was lost": lambda text: text.replace("[your town]", "the town"),
    "a name was made up": lambda text: text + " As you know, Sam Altman agrees.",
    "an address was made up": lambda text: text + " See www.example.org for it.",
    "a name was made up: Google": lambda text: text + " Google wants this too.",
    "a name was lost: Senator Olsen": lambda text: text.replace("Senator Olsen", "the senator"),
    "a number was lost: 4(b)": lambda text: text.replace("4(b)", "4(c)"),
    "an address was made up: freemodels.org": lambda text: text + " See freemodels.org for it.",
    "its meaning may be turned: oppose": lambda text: text.replace("Please oppose", "Please keep"),
    "its meaning may be turned: not": lambda text: text.replace("should stay", "should not stay"),
    "a claim was added: most": lambda text: text + " That is what most people think.",
    "too many of its words are new": lambda text: text.replace(
        "Thank you for your time.",
        "And honest neighbours cherish tinkering, invention, privacy, thrift, modest curiosity, "
        "quiet workshops, friendly gatherings, gardens, sunshine, baking, reading.",
    ),
    "a claim was added": lambda text: text + " This is unconstitutional.",
    "it is the same": lambda text: text,
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


def test_a_voicemail_stays_under_its_time() -> None:
    draft = write(Wish(Ask.SAFE_HARBOUR, Form.VOICEMAIL, member(), name="Ana", town="Cheyenne"))
    longer = f"{draft.text} {'please do so ' * 3}"
    refused = rewrite(draft, lambda prompt: longer).refused
    assert refused is None or "too long" in refused or "30 seconds" in refused
    assert ((rewrite(draft, lambda prompt: longer).draft.seconds) or 0) <= 30
