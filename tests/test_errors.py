"""The tree of errors: sentences, hints, exit codes; and it travels between processes."""

from __future__ import annotations

import pickle

from freehold import errors
from freehold.errors import ContextExceeded, FreeholdError, HashMismatch


def test_every_error_has_an_exit_code_and_is_in_the_drawing() -> None:
    drawing = errors.__doc__ or ""
    for name, value in vars(errors).items():
        if isinstance(value, type) and issubclass(value, FreeholdError):
            assert name in drawing
            assert value.exit_code in {1, 2, 4, 5, 6, 7, 8}


def test_the_hint_stands_on_its_own_line() -> None:
    assert str(HashMismatch("It differs.", "Get it again.")) == "It differs.\nGet it again."


def test_a_prompt_that_is_too_long_says_by_how_many_tokens() -> None:
    error = ContextExceeded.of(6030, 2048, "a hint")
    assert "6,030" in error.message
    assert "2,048" in error.message
    assert "3,982" in error.message


def test_an_error_survives_pickling_with_its_facts() -> None:
    back = pickle.loads(pickle.dumps(ContextExceeded.of(10, 4, "hint")))
    assert isinstance(back, ContextExceeded)
    assert (back.prompt_tokens, back.context_tokens, back.hint) == (10, 4, "hint")
