"""What heads look at: made patterns have the scores they must, a real model has its known heads."""

from __future__ import annotations

import math

import numpy as np
import pytest

from freehold.study.heads import ENOUGH, SMALL, Habit, Heads, read_heads, score, smaller
from freehold.study.subject import Subject

HABITS = list(Habit)
IDS = (7, 1, 2, 3, 1, 2, 3)
"""Three tokens, twice, behind another one."""


def looking(*places: int) -> np.ndarray:
    """The pattern of a head that looks at one place from each position."""
    pattern = np.zeros((1, len(places), len(places)), np.float32)
    pattern[0, np.arange(len(places)), places] = 1
    return pattern


@pytest.mark.parametrize(
    ("places", "habit"),
    [
        ((0, 0, 1, 2, 3, 4, 5), Habit.PREVIOUS),
        ((0, 0, 0, 0, 0, 0, 0), Habit.FIRST),
        ((0, 1, 2, 3, 4, 5, 6), Habit.ITSELF),
        ((0, 0, 0, 0, 1, 2, 3), Habit.SAME),
        ((0, 0, 0, 0, 2, 3, 4), Habit.INDUCTION),
    ],
)
def test_each_habit_is_told_from_the_others(places: tuple[int, ...], habit: Habit) -> None:
    scores = score(IDS, looking(*places))[0]
    assert scores[HABITS.index(habit)] == 1
    others = [share for each, share in zip(HABITS, scores, strict=True) if each is not habit]
    assert max(others) <= 0.6


def test_a_prompt_that_repeats_nothing_has_no_scores_for_repetition() -> None:
    scores = score((1, 2, 3, 4), looking(0, 0, 1, 2))[0]
    assert math.isnan(scores[HABITS.index(Habit.SAME)])
    assert math.isnan(scores[HABITS.index(Habit.INDUCTION)])
    assert scores[HABITS.index(Habit.PREVIOUS)] == 1


@pytest.fixture(scope="module")
def heads(smollm: Subject) -> Heads:
    ids = smollm.tokenize("The cat sat on the mat. The cat sat on the")
    return read_heads(smollm.transformer, ids, keep=(16,))


def test_a_real_model_has_heads_of_each_kind(heads: Heads) -> None:
    assert heads.scores.shape == (30, 9, len(HABITS))
    best = heads.scores.reshape(-1, len(HABITS)).max(axis=0)
    assert (best > 2 * heads.chance).all()
    kinds = {heads.habit(layer, head) for layer in range(30) for head in range(9)}
    assert set(HABITS) | {None} == kinds
    strongest = heads.scores[:, :, HABITS.index(Habit.INDUCTION)].max(axis=1)
    assert strongest.argmax() > 5  # it takes an earlier head that looks at the previous token


def test_only_the_patterns_that_were_asked_for_are_kept(heads: Heads, smollm: Subject) -> None:
    assert set(heads.patterns) == {16}
    whole = smollm.transformer.trace(heads.ids, keep=("pattern",), logits=False).pattern
    np.testing.assert_array_equal(heads.patterns[16], whole[16])
    np.testing.assert_allclose(heads.patterns[16].sum(axis=-1), 1, rtol=1e-5)
    np.testing.assert_array_equal(heads.small, whole)  # it is small already


def test_an_even_head_is_what_chance_says() -> None:
    count = len(IDS)
    even = np.tril(np.ones((1, count, count))) / np.arange(1, count + 1)[:, None]
    scores = score(IDS, even.astype(np.float32))[0]
    assert scores[HABITS.index(Habit.FIRST)] == pytest.approx(np.mean(1 / np.arange(3, 8)))
    assert scores.max() < ENOUGH


def test_a_large_pattern_made_small_keeps_its_lines() -> None:
    count = 100
    pattern = np.zeros((1, count, count), np.float32)
    pattern[0, np.arange(1, count), np.arange(count - 1)] = 1
    small = smaller(pattern)
    assert small.shape == (1, SMALL, SMALL)
    assert (small[0].max(axis=1) == 1).all()
    assert small.sum() < 3 * SMALL
