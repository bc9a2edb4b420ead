"""How a text is expected: probabilities, ranks, surprise."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from freehold.actions.open_subject import open_subject
from freehold.errors import ContextExceeded, FormatError, UsageError
from freehold.store.libraries import Libraries
from freehold.study.probs import expectation
from freehold.study.subject import Subject


def test_a_real_model_expects_what_is_true(smollm: Subject) -> None:
    found = expectation(smollm, smollm.tokenize("The capital of France is Berlin"))
    assert found.tokens[0].probability is None
    city = found.tokens[-1]
    assert city.rank is not None
    assert city.rank > 5
    assert city.alternatives[0].token.shown == "␣Paris"
    assert city.alternatives[0].probability > 0.5
    assert found.next[0].token.shown == "."


def test_the_figures_fit_together(little: Subject) -> None:
    found = expectation(little, little.tokenize("what it says"), top=3)
    assert found.bytes == len("what it says") - 1
    scored = found.tokens[1:]
    assert found.bits == pytest.approx(sum(-math.log2(each.probability or 0) for each in scored))
    assert found.perplexity == pytest.approx(2 ** (found.bits / len(scored)))
    for each in scored:
        best = each.alternatives[0].probability
        assert len(each.alternatives) == 3
        assert each.probability is not None
        assert (each.rank == 1) == (each.probability == pytest.approx(best))


def test_one_token_has_only_what_comes_after(little: Subject) -> None:
    found = expectation(little, little.tokenize("a"))
    assert len(found.tokens) == 1
    assert found.bits == 0
    assert found.perplexity == 1
    assert len(found.next) == 5


def test_a_text_beyond_the_context_is_refused_with_both_numbers(little: Subject) -> None:
    with pytest.raises(ContextExceeded, match="97 tokens and the context holds 96"):
        expectation(little, little.tokenize("a" * 97))


def test_no_text_is_refused(little: Subject) -> None:
    with pytest.raises(UsageError, match="empty"):
        expectation(little, [])


def test_a_weight_that_is_no_number_is_named(broken: Path, nothing_owned: Libraries) -> None:
    with (
        open_subject(nothing_owned, str(broken)) as subject,
        pytest.raises(FormatError, match=r"blk\.1\.ffn_up\.weight"),
    ):
        expectation(subject, [5, 6, 7])
