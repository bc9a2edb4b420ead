"""Training learns what it is shown, ends early, and goes on after a stop to the same weights."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path

import numpy as np
import pytest
from tests.transformer.making import made

from freehold.errors import FormatError, UsageError
from freehold.modify.training.checkpoint import Look, Progressed, keep, recall
from freehold.modify.training.network import Example
from freehold.modify.training.numpy_learner import NumpyLearner
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.targets import begin
from freehold.modify.training.trainer import Trained, Trainer
from freehold.transformer.transformer import Transformer

PLAN = TrainingPlan(steps=12, batch=2, rate=5e-3, look_every=3)


@pytest.fixture
def model(tmp_path: Path) -> Iterator[Transformer]:
    with Transformer.open(made(tmp_path), cache_bytes=1 << 24) as model:
        yield model


def text(start: int) -> Example:
    """Tokens that follow one rule: the next is three more."""
    return Example(tuple(start + 3 * i for i in range(12)), (False, *[True] * 11))


EXAMPLES = [text(start) for start in range(10, 110, 10)]
HELD_OUT = [text(15), text(35)]


def trainer(model: Transformer, plan: TrainingPlan = PLAN) -> Trainer:
    learner = NumpyLearner(model, begin(model.data.header, plan), plan)
    return Trainer(learner, plan, EXAMPLES, HELD_OUT)


def same(one: Trained, other: Trained) -> bool:
    return one.looks == other.looks and all(
        np.array_equal(one.learned[name].a, other.learned[name].a)
        and np.array_equal(one.learned[name].b, other.learned[name].b)
        for name in one.learned
    )


def test_held_out_examples_get_better_and_the_model_is_as_it_was(model: Transformer) -> None:
    before = model.trace(HELD_OUT[0].ids).logits
    done = trainer(model).train()
    assert done.before.mean == done.looks[0].held_out
    assert done.after.mean == pytest.approx(done.best.held_out)
    assert done.after.mean < done.before.mean - 0.1
    assert np.array_equal(model.trace(HELD_OUT[0].ids).logits, before)


def test_the_same_seed_gives_the_same_and_another_seed_another(model: Transformer) -> None:
    once, again = trainer(model).train(), trainer(model).train()
    assert same(once, again)
    assert not same(once, trainer(model, replace(PLAN, seed=1)).train())


def test_gone_on_with_after_any_look_it_ends_the_same(model: Transformer, tmp_path: Path) -> None:
    states: list[Progressed] = []

    def note(state: Progressed) -> None:
        keep(tmp_path / f"{state.step}.npz", asdict(PLAN), state)
        states.append(state)

    whole = trainer(model).train(keep=note)
    assert [state.step for state in states] == [3, 6, 9, 12]
    for step in (3, 9):
        later = trainer(model)
        later.resume(recall(tmp_path / f"{step}.npz", asdict(PLAN)))
        assert same(later.train(), whole)


def test_it_ends_early_when_held_out_examples_get_no_better(model: Transformer) -> None:
    plan = replace(PLAN, steps=300, rate=0.3, look_every=1, patience=3)
    done = trainer(model, plan).train()
    assert done.steps < 300
    assert done.best.held_out == done.after.mean
    assert done.looks[-1].held_out > done.best.held_out


def test_every_look_is_shown(model: Transformer) -> None:
    looks: list[Look] = []
    done = trainer(model).train(watch=looks.append)
    assert tuple(looks) == done.looks
    assert [look.step for look in looks] == [0, 3, 6, 9, 12]


def test_a_checkpoint_of_another_training_is_refused(model: Transformer, tmp_path: Path) -> None:
    path = tmp_path / "c.npz"
    keep(path, asdict(PLAN), trainer(model).state())
    with pytest.raises(UsageError, match="another rank"):
        recall(path, asdict(replace(PLAN, rank=4)))
    with pytest.raises(FormatError, match="does not"):
        trainer(model, replace(PLAN, rank=4)).resume(recall(path, asdict(PLAN)))


@pytest.mark.parametrize("damage", ["cut", "flipped", "empty"])
def test_a_damaged_checkpoint_is_refused(model: Transformer, tmp_path: Path, damage: str) -> None:
    path = tmp_path / "c.npz"
    keep(path, asdict(PLAN), trainer(model).state())
    whole = bytearray(path.read_bytes())
    whole[len(whole) // 2] ^= 1
    path.write_bytes({"cut": bytes(whole[:5000]), "flipped": bytes(whole), "empty": b""}[damage])
    with pytest.raises(FormatError, match="cannot be read"):
        recall(path, asdict(PLAN))
