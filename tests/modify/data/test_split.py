"""What is held out was never trained on, and the seed decides which it is."""

from __future__ import annotations

import pytest

from freehold.errors import UsageError
from freehold.modify.data.sample import Sample, Turn
from freehold.modify.data.split import split


def sample(question: str, answer: str) -> Sample:
    return Sample("here", (Turn("user", question), Turn("assistant", answer)))


SAMPLES = [sample(f"q{n // 3}", f"a{n}") for n in range(60)]


def test_questions_stay_on_one_side() -> None:
    trained, held_out = split(SAMPLES, 0.2, seed=1)
    assert len(trained) + len(held_out) == 60
    assert 12 <= len(held_out) < 15
    assert not {each.question for each in trained} & {each.question for each in held_out}


def test_the_seed_decides() -> None:
    assert split(SAMPLES, 0.2, 1) == split(SAMPLES, 0.2, 1)
    assert split(SAMPLES, 0.2, 1) != split(SAMPLES, 0.2, 2)


def test_at_least_one_is_held_out_and_one_is_trained_on() -> None:
    for share in (0.0, 1.0):
        trained, held_out = split(SAMPLES[:6], share, 1)
        assert trained
        assert held_out


def test_one_question_cannot_be_split() -> None:
    with pytest.raises(UsageError, match="only one example"):
        split(SAMPLES[:3], 0.1, 1)
