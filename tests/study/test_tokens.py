"""How models cut a text, and where two of them part."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from freehold.actions.open_subject import open_subject
from freehold.errors import UsageError
from freehold.store.libraries import Libraries
from freehold.study.subject import Subject
from freehold.study.tokens import compare_cuts, cut


@pytest.fixture(scope="module")
def gemma(gemma3: Path, nothing_owned: Libraries) -> Iterator[Subject]:
    with open_subject(nothing_owned, str(gemma3)) as subject:
        yield subject


def test_the_pieces_are_the_text(smollm: Subject) -> None:
    text = "Naïve 🦜\nparrots"
    made = cut(smollm, text)
    assert b"".join(token.piece for token in made.tokens) == text.encode()
    assert made.written == made.tokens
    assert made.bytes_per_token == pytest.approx(len(text.encode()) / len(made.tokens))


def test_a_mark_before_the_text_is_none_of_it(gemma: Subject) -> None:
    made = cut(gemma, "a b")
    assert made.tokens[0].special
    assert [token.shown for token in made.written] == ["a", "␣b"]
    assert made.bytes_per_token == 1.5


def test_a_mark_that_was_written_is_the_text(smollm: Subject) -> None:
    made = cut(smollm, "<|im_start|>a", special=True)
    assert made.tokens[0].special
    assert made.written == made.tokens


def test_two_models_part_where_only_one_cuts(smollm: Subject, gemma: Subject) -> None:
    text = "the 🦜 of the house"
    one, other = cut(smollm, text), cut(gemma, text)
    compared = compare_cuts(smollm, one, gemma, other)
    assert not compared.same_vocabulary
    assert compared.differences is not None
    (parrot,) = compared.differences
    assert (parrot.start, parrot.text) == (3, " 🦜")
    assert b"".join(token.piece for token in parrot.one) == " 🦜".encode()
    assert [token.shown for token in parrot.other] == ["␣", "🦜"]


def test_a_model_agrees_with_itself(smollm: Subject) -> None:
    made = cut(smollm, "the 🦜 of the house")
    compared = compare_cuts(smollm, made, smollm, made)
    assert compared.same_vocabulary
    assert compared.differences == ()


def test_an_empty_text_has_no_tokens(smollm: Subject) -> None:
    with pytest.raises(UsageError, match="empty"):
        cut(smollm, "")
