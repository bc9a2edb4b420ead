"""Activation patching: what it finds in a real model, and each copy against itself run alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from tests.transformer.making import BASE, made

from freehold.errors import UsageError
from freehold.study import patch as patching
from freehold.study.patch import Contrast, contrast, patch
from freehold.study.planting import Part
from freehold.study.subject import Subject
from freehold.transformer.transformer import Transformer

A, B = (5, 9, 17, 30, 41), (5, 9, 18, 30, 41)
NAMES = {Part.RESIDUAL: "output", Part.ATTENTION: "attention.output", Part.MLP: "mlp.output"}


@pytest.fixture(scope="module", params=["llama", "gemma3"])
def small(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Transformer]:
    model = replace(
        BASE, family=request.param, layers=3, window=3 if request.param != "llama" else None
    )
    with Transformer.open(made(tmp_path_factory.mktemp("small"), model)) as opened:
        yield opened


@pytest.fixture(scope="module")
def between(small: Transformer) -> Contrast:
    return contrast(small, A, B, answer=100, other=200)


@pytest.mark.parametrize("part", list(NAMES))
def test_each_copy_is_what_it_is_by_itself(
    small: Transformer, between: Contrast, part: Part, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patching, "_ROWS", 10)  # two copies at a time go through a layer
    monkeypatch.setattr(patching, "_COPIES", 32_000)  # of two positions
    found = patch(small, between).recovered[part]
    first = 1 if part is Part.RESIDUAL else 0
    assert found.shape == (3 + first, 3)
    for layer in range(3):
        for column, position in enumerate(between.positions):
            alone = _alone(small, between, f"layers.{layer}.{NAMES[part]}", position)
            assert found[layer + first, column] == pytest.approx(alone, abs=2e-3)


def test_each_head_is_what_it_is_by_itself(
    small: Transformer, between: Contrast, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(patching, "_COPIES", 16_000)  # of three heads
    found = patch(small, between, (Part.HEADS,)).recovered[Part.HEADS]
    assert found.shape == (3, 4)
    for layer in range(3):
        for head in range(4):
            name = f"layers.{layer}.attention.heads"
            alone = _alone(small, between, name, (slice(None), head))
            assert found[layer, head] == pytest.approx(alone, abs=2e-3)


def _alone(model: Transformer, between: Contrast, name: str, place: Any) -> float:
    """B run by itself, with what A has at one place."""
    of_a = model.trace(between.a, keep=(name,), logits=False).activations[name]

    def swap(value: np.ndarray, _: str) -> np.ndarray:
        changed = value.copy()
        changed[place] = of_a[place]
        return changed

    logits = model.trace(between.b, keep=(), hooks={name: swap}, logits="last").logits[0]
    difference = logits[between.answer] - logits[between.other] - between.b_difference
    return float(difference / (between.a_difference - between.b_difference))


def test_some_parts_alone_say_the_same(small: Transformer, between: Contrast) -> None:
    whole = patch(small, between).recovered
    alone = patch(small, between, (Part.MLP, Part.RESIDUAL)).recovered
    assert set(alone) == {Part.MLP, Part.RESIDUAL}
    for part in alone:
        np.testing.assert_allclose(alone[part], whole[part], atol=2e-3)


def test_the_difference_moves_from_the_country_to_the_end(smollm: Subject) -> None:
    model = smollm.transformer
    a, b = (smollm.tokenize(f"The capital of {each} is") for each in ("France", "Italy"))
    between = contrast(model, a, b)
    assert smollm.show(between.answer) == "␣Paris"
    assert smollm.show(between.other) == "␣Rome"
    assert between.a_difference > 2
    assert between.b_difference < -2
    assert between.positions == (3, 4)  # from the country on
    stream = patch(model, between, (Part.RESIDUAL,)).recovered[Part.RESIDUAL]
    assert stream.shape == (31, 2)
    assert stream[0].tolist() == pytest.approx([1, 0], abs=0.01)  # nothing else differs
    assert stream[-1].tolist() == pytest.approx([0, 1], abs=0.01)  # nothing else answers


@pytest.mark.parametrize(
    ("a", "b", "says"),
    [
        ((1, 2, 3), (1, 2), "are 3 and 2 tokens"),
        ((1, 2, 3), (1, 2, 3), "are the same"),
    ],
)
def test_prompts_that_cannot_be_compared_are_refused(
    small: Transformer, a: tuple[int, ...], b: tuple[int, ...], says: str
) -> None:
    with pytest.raises(UsageError, match=says):
        contrast(small, a, b)


def test_one_answer_for_both_makes_no_contrast(small: Transformer) -> None:
    with pytest.raises(UsageError, match="the same answer"):
        contrast(small, A, B, answer=5, other=5)
