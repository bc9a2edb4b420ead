"""The logit lens on a real model: every number can be had in another way, and is the same."""

from __future__ import annotations

import numpy as np
import pytest

from freehold.errors import UsageError
from freehold.study.lens import Lens, logit_lens, token_probabilities
from freehold.study.subject import Subject

PROMPT = "The capital of France is Paris. The capital of Germany is"


@pytest.fixture(scope="module")
def ids(smollm: Subject) -> list[int]:
    return smollm.tokenize(PROMPT)


@pytest.fixture(scope="module")
def lens(smollm: Subject, ids: list[int]) -> Lens:
    return logit_lens(smollm.transformer, ids, top=4)


def test_the_last_layer_is_the_models_answer(smollm: Subject, lens: Lens, ids: list[int]) -> None:
    trace = smollm.transformer.trace(ids)
    shares = np.exp(trace.logits - trace.logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    assert list(lens.answers) == trace.logits.argmax(axis=1).tolist()
    assert smollm.show(lens.answers[-1]) == "␣Berlin"
    best = np.sort(shares, axis=1)[:, ::-1][:, :4]
    np.testing.assert_allclose(lens.probabilities[-1], best, atol=1e-5)
    np.testing.assert_array_equal(lens.answer_ranks[-1], 1)


def test_a_middle_layer_is_what_all_its_logits_say(
    smollm: Subject, lens: Lens, ids: list[int]
) -> None:
    trace = smollm.transformer.trace(ids, logits=False)
    row, column = 26, len(ids) - 1
    logits = smollm.transformer.unembed(trace.residual[row, column]).astype(np.float64)
    shares = np.exp(logits - logits.max())
    shares /= shares.sum()
    order = np.argsort(-logits)
    answer = lens.answers[column]
    assert lens.tokens[row, column].tolist() == order[:4].tolist()
    np.testing.assert_allclose(lens.probabilities[row, column], shares[order[:4]], atol=1e-5)
    assert lens.answer_ranks[row, column] == 1 + (logits > logits[answer]).sum() > 1
    assert lens.answer_probabilities[row, column] == pytest.approx(shares[answer], rel=1e-3)


def test_it_says_when_the_answer_comes_and_when_it_stays(lens: Lens) -> None:
    for column, (first, settled) in enumerate(zip(lens.first, lens.settled, strict=True)):
        assert first is not None
        assert settled is not None
        ranks = lens.answer_ranks[:, column]
        assert (ranks[:first] > 1).all()
        assert (ranks[settled:] == 1).all()
        assert settled == 0 or ranks[settled - 1] > 1
    assert lens.first[-1] > 20  # type: ignore[operator]  # seen above: it is a number


def test_the_embedding_says_the_token_itself(lens: Lens, ids: list[int]) -> None:
    same = [int(token) == each for token, each in zip(lens.tokens[0, :, 0], ids, strict=True)]
    assert sum(same) > len(ids) / 2  # its output matrix is its embedding


def test_layers_and_positions_can_be_chosen(smollm: Subject, lens: Lens, ids: list[int]) -> None:
    some = logit_lens(smollm.transformer, ids, top=2, layers=(30, 26), positions=(-1,))
    assert some.layers == (26, 30)
    assert some.positions == (len(ids) - 1,)
    assert some.tokens.shape == (2, 1, 2)
    np.testing.assert_array_equal(some.answer_ranks[:, 0], lens.answer_ranks[[26, 30], -1])


@pytest.mark.parametrize("chosen", [{"layers": (31,)}, {"positions": (12,)}, {"layers": (-32,)}])
def test_what_there_is_not_is_refused(
    smollm: Subject, ids: list[int], chosen: dict[str, tuple[int, ...]]
) -> None:
    with pytest.raises(UsageError, match=r"There is no (layer|position)"):
        logit_lens(
            smollm.transformer, ids, layers=chosen.get("layers"), positions=chosen.get("positions")
        )


def test_one_token_can_be_followed_through_the_layers(
    smollm: Subject, lens: Lens, ids: list[int]
) -> None:
    trace = smollm.transformer.trace(ids, logits=False)
    followed = token_probabilities(smollm.transformer, trace.residual, lens, lens.answers[-1])
    assert followed.shape == (31, len(ids))
    np.testing.assert_allclose(
        followed[:, -1], lens.answer_probabilities[:, -1], rtol=1e-3, atol=1e-6
    )
