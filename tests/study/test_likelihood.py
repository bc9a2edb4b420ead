"""Likelihoods and divergences in strips of the vocabulary: what the whole distribution says."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from freehold.errors import FormatError
from freehold.study import likelihood as module
from freehold.study.likelihood import divergence, likelihood
from freehold.study.residual import last_residual
from freehold.study.subject import Subject

IDS = [(7 * i * i + 11 * i + 3) % 19_000 + 1 for i in range(24)]
TARGETS = np.array(IDS[1:], np.int64)


@pytest.fixture(autouse=True)
def _narrow_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_STRIP", 1000)


def log_softmax(logits: NDArray[np.float32]) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=-1, keepdims=True)
    result: NDArray[np.float64] = wide - np.log(np.exp(wide).sum(axis=-1, keepdims=True))
    return result


def whole(subject: Subject) -> NDArray[np.float64]:
    logits = subject.transformer.trace(IDS).logits
    assert logits is not None
    return log_softmax(logits[:-1])


def assert_likeliest(found: NDArray[np.int64], logs: NDArray[np.float64]) -> None:
    """Rows of made weights come twice, so there may be two that are likeliest."""
    np.testing.assert_allclose(logs[np.arange(len(logs)), found], logs.max(axis=1), atol=1e-5)


def test_it_is_what_the_whole_distribution_says(little: Subject) -> None:
    rows = last_residual(little.transformer, IDS)[:-1]
    found = likelihood(little.transformer, rows, TARGETS)
    expected = whole(little)
    np.testing.assert_allclose(
        found.log_probability, expected[np.arange(len(TARGETS)), TARGETS], atol=1e-5
    )
    assert_likeliest(found.likeliest, expected)
    assert len(set(found.likeliest // 1000)) > 1  # from more than one strip


def test_an_output_matrix_that_is_no_numbers_is_named(little: Subject) -> None:
    rows = last_residual(little.transformer, IDS)[:-1].copy()
    rows[3] = np.nan
    with pytest.raises(FormatError, match=r"output_norm\.weight or token_embd\.weight"):
        likelihood(little.transformer, rows, TARGETS)


def test_divergence_is_what_both_distributions_say(little: Subject, other_little: Subject) -> None:
    p, q = little.transformer, other_little.transformer
    rows = last_residual(p, IDS)[:-1], last_residual(q, IDS)[:-1]
    found = divergence(p, rows[0], q, rows[1], TARGETS)
    one, other = whole(little), whole(other_little)
    np.testing.assert_allclose(
        found.kl, (np.exp(one) * (one - other)).sum(axis=1), rtol=1e-4, atol=1e-6
    )
    assert found.kl.min() > 0.001
    assert_likeliest(found.reference.likeliest, one)
    assert_likeliest(found.model.likeliest, other)


def test_a_model_does_not_diverge_from_itself(little: Subject) -> None:
    rows = last_residual(little.transformer, IDS)[:-1]
    found = divergence(little.transformer, rows, little.transformer, rows, TARGETS)
    assert found.kl.max() == pytest.approx(0, abs=1e-12)
