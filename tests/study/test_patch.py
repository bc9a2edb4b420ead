"""Activation patching: on a real model, and against running each patched copy by itself."""

from __future__ import annotations

import numpy as np
import pytest

from freehold.errors import UsageError
from freehold.study.patch import Contrast, Part, Patching, contrast, patch
from freehold.study.subject import Subject

A = "The capital of France is the city of"
B = "The capital of Italy is the city of"


@pytest.fixture(scope="module")
def between(smollm: Subject) -> Contrast:
    return contrast(smollm.transformer, smollm.tokenize(A), smollm.tokenize(B))


@pytest.fixture(scope="module")
def found(smollm: Subject, between: Contrast) -> Patching:
    return patch(smollm.transformer, between)


def test_each_prompts_own_answer_is_what_is_compared(smollm: Subject, between: Contrast) -> None:
    assert smollm.show(between.answer) == "␣Paris"
    assert smollm.show(between.other) == "␣Rome"
    assert between.a_difference > 2
    assert between.b_difference < -2
    assert between.positions == (3, 4, 5, 6, 7)  # from the country on


def test_the_difference_moves_from_the_country_to_the_end(found: Patching) -> None:
    stream = found.recovered[Part.RESIDUAL]
    assert stream.shape == (31, 5)
    assert stream[0, 0] == pytest.approx(1, abs=0.01)  # the country is all that differs
    assert stream[-1, -1] == pytest.approx(1, abs=0.01)  # the end is all that answers
    assert np.abs(stream[0, 1:]).max() < 0.01
    assert np.abs(stream[-1, :-1]).max() < 0.01
    assert found.recovered[Part.ATTENTION].shape == found.recovered[Part.MLP].shape == (30, 5)
    late = found.recovered[Part.ATTENTION][15:, -1]
    assert late.max() > 0.15  # attention brings it to the end


@pytest.mark.parametrize(
    ("part", "layer", "name"),
    [
        (Part.RESIDUAL, 21, "layers.20.output"),
        (Part.ATTENTION, 22, "layers.22.attention.output"),
        (Part.MLP, 0, "layers.0.mlp.output"),
    ],
)
def test_it_is_what_running_the_copy_by_itself_gives(
    smollm: Subject, found: Patching, part: Part, layer: int, name: str
) -> None:
    between = found.contrast
    of_a = smollm.transformer.trace(between.a, keep=(name,), logits=False).activations[name]
    for column, position in enumerate(between.positions):

        def swap(value: np.ndarray, _: str, at: int = position) -> np.ndarray:
            changed = value.copy()
            changed[at] = of_a[at]
            return changed

        trace = smollm.transformer.trace(between.b, keep=(), hooks={name: swap}, logits="last")
        difference = trace.logits[0, between.answer] - trace.logits[0, between.other]
        share = (difference - between.b_difference) / (between.a_difference - between.b_difference)
        assert found.recovered[part][layer, column] == pytest.approx(share, abs=1e-3)


def test_one_part_alone_is_the_same(smollm: Subject, found: Patching) -> None:
    alone = patch(smollm.transformer, found.contrast, (Part.MLP,))
    assert set(alone.recovered) == {Part.MLP}
    np.testing.assert_allclose(alone.recovered[Part.MLP], found.recovered[Part.MLP], atol=1e-3)


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ((1, 2, 3), (1, 2), "are 3 and 2 tokens"),
        ((1, 2, 3), (1, 2, 3), "are the same"),
    ],
)
def test_prompts_that_cannot_be_compared_are_refused(
    smollm: Subject, a: tuple[int, ...], b: tuple[int, ...], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        contrast(smollm.transformer, a, b)


def test_one_answer_for_both_makes_no_contrast(smollm: Subject) -> None:
    ids = [smollm.tokenize(text) for text in (A, B)]
    with pytest.raises(UsageError, match="the same answer"):
        contrast(smollm.transformer, *ids, answer=5, other=5)
