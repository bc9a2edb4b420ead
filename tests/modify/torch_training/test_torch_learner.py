"""Training by torch is the same training: its losses, its slopes, its steps and its result."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from tests.modify.training.test_network import FAMILIES, TEXTS
from tests.transformer.making import BASE, made

from freehold.errors import NotEnoughMemory, UnsupportedModel
from freehold.formats.gguf import read_header
from freehold.modify.training.checkpoint import Progressed
from freehold.modify.training.low_rank import Learned
from freehold.modify.training.network import Example
from freehold.modify.training.numpy_learner import NumpyLearner
from freehold.modify.training.plan import TrainingPlan
from freehold.modify.training.targets import begin
from freehold.modify.training.trainer import Trainer
from freehold.transformer.transformer import Transformer

for needed in ("torch", "transformers", "peft", "gguf", "accelerate"):
    pytest.importorskip(needed, reason="the extra freehold[torch] is not installed")

from freehold.modify.torch_training.torch_learner import TorchLearner  # noqa: E402 - see above

PLAN = TrainingPlan(rank=3, rate=5e-3, steps=6, batch=2, look_every=3, decay=0.1)
KNOWN = {
    **{
        name: model
        for name, model in FAMILIES.items()
        if name not in {"olmo2", "llama with biases"}
    },
    "llama 3": replace(BASE, factors=(("rope_freqs", (1.0, 1.0, 1.5, 2.0, 4.0, 8.0, 8.0, 8.0)),)),
    "llama with wide heads": replace(BASE, head_width=24),
}
"""transformers reads no OLMo 2 from a GGUF file, and a Llama of it has no biases."""


def moved(path: Path) -> dict[str, Learned]:
    """As if some steps were behind: B is zero at the beginning, and A has no slope then."""
    chance = np.random.default_rng(5)
    learned = begin(read_header(path), PLAN)
    for part in learned.values():
        part.b[...] = chance.standard_normal(part.b.shape) / 10
    return learned


def torch_learner(path: Path, learned: dict[str, Learned], plan: TrainingPlan) -> TorchLearner:
    return TorchLearner(path, read_header(path), learned, plan, memory=1 << 30, device="cpu")


@pytest.mark.parametrize("family", KNOWN)
def test_losses_slopes_and_steps_are_those_of_numpy(family: str, tmp_path: Path) -> None:
    path = made(tmp_path, KNOWN[family])
    theirs = torch_learner(path, moved(path), PLAN)
    with Transformer.open(path, cache_bytes=1 << 26) as model:
        ours = NumpyLearner(model, moved(path), PLAN)
        for untrained in (True, False):
            found = theirs.losses(TEXTS, untrained=untrained)
            wanted = ours.losses(TEXTS, untrained=untrained)
            assert found.sums == pytest.approx(wanted.sums, rel=2e-4)
            assert found.counts == wanted.counts
        for learner in (ours, theirs):
            learner.learn(TEXTS)
            learner.move(1e-3)
        assert theirs.steps == ours.steps == 1
        slopes, now = theirs.copied("mean"), theirs.copied("now")
        for name, values in ours.copied("mean").items():
            assert np.abs(slopes[name] - values).max() < 0.01 * np.abs(values).max(), name
        for name, values in ours.copied("now").items():  # a first step is of one size: the rate
            assert np.abs(now[name] - values).max() < 2.1e-3, name


def texts(count: int) -> list[Example]:
    return [replace(TEXTS[0], ids=tuple(k + 3 * i for i in range(13))) for k in range(1, count)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return made(tmp_path)


def test_gone_on_with_it_ends_the_same_and_much_as_numpy_does(path: Path) -> None:
    states: list[Progressed] = []
    whole = Trainer(torch_learner(path, begin(read_header(path), PLAN), PLAN), PLAN,
                    texts(9), texts(3)).train(keep=states.append)  # fmt: skip
    later = Trainer(torch_learner(path, begin(read_header(path), PLAN), PLAN), PLAN,
                    texts(9), texts(3))  # fmt: skip
    later.resume(states[0])
    again = later.train()
    assert again.looks == whole.looks
    assert whole.after.mean < whole.before.mean
    for name, pair in whole.learned.items():
        assert np.array_equal(again.learned[name].b, pair.b)
    with Transformer.open(path, cache_bytes=1 << 26) as model:
        ours = Trainer(NumpyLearner(model, begin(model.data.header, PLAN), PLAN), PLAN,
                       texts(9), texts(3)).train()  # fmt: skip
    assert whole.after.mean == pytest.approx(ours.after.mean, rel=0.01)


def test_computing_again_where_memory_is_short_gives_the_same(path: Path) -> None:
    learned = moved(path)
    found = []
    for memory in (1 << 30, 1 << 20):
        learner = TorchLearner(path, read_header(path), learned, PLAN, memory=memory,
                               device="cpu", longest=[60_000])  # fmt: skip
        learner.learn(TEXTS)
        learner.move(1e-3)
        found.append(learner.copied("mean"))
    assert all(np.allclose(found[0][name], found[1][name], atol=1e-6) for name in found[0])


def test_what_cannot_be_is_refused(path: Path, tmp_path: Path) -> None:
    with pytest.raises(NotEnoughMemory, match="torch would hold this model in"):
        TorchLearner(path, read_header(path), {}, PLAN, memory=1000, device="cpu")
    olmo = tmp_path / "olmo"
    olmo.mkdir()
    other = made(olmo, FAMILIES["olmo2"])
    with pytest.raises(UnsupportedModel, match="family olmo2"):
        torch_learner(other, begin(read_header(other), PLAN), PLAN)
