"""What computes a training: NumPy, over the file as it is, or torch with PEFT on the same model."""

from __future__ import annotations

import math
import operator
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from freehold.errors import UnsupportedModel, UsageError

if TYPE_CHECKING:
    from freehold.modify.torch_training.torch_learner import TorchLearner
    from freehold.modify.training.learner import Learner
    from freehold.modify.training.network import Example
    from freehold.modify.training.plan import TrainingPlan
    from freehold.study.subject import Subject

Library = Literal["numpy", "torch"]
Device = Literal["cuda", "mps", "cpu"]
_LIKELIEST = 20
_APART = 0.3
"""Nats that torch's logarithms may lie from the engine's, in the mean over the likeliest tokens.
What the engine rounds makes a tenth, a part of the model that one of them leaves out much more."""
_READ = 128
"""Tokens that both read for that."""


@dataclass(frozen=True)
class Means:
    """What a training is done with."""

    memory: int
    """Bytes that may be used."""
    library: Library = "numpy"
    device: Device | None = None
    """Of torch: None for the quickest that it sees."""

    def check(self) -> None:
        """Raise UsageError for what is not installed, or makes no sense."""
        if self.library == "torch":
            from freehold.modify.torch_training.installed import check_installed

            check_installed()
        elif self.device is not None:
            raise UsageError("--device is for --with torch: NumPy computes on the processor.")


def learner_of(
    subject: Subject, plan: TrainingPlan, means: Means, examples: Sequence[Example]
) -> tuple[Learner, Mapping[str, object]]:
    """The learner for a model, and what its recipe says of it.

    Raises UsageError, UnsupportedModel, NotEnoughMemory.
    """
    from freehold.modify.training.targets import begin

    learned = begin(subject.header, plan)
    if means.library == "numpy":
        from freehold.modify.training.numpy_learner import NumpyLearner

        remember = _remembers(subject, plan, means, examples)
        return NumpyLearner(subject.transformer, learned, plan, remember=remember), {}
    from freehold.modify.torch_training.installed import versions
    from freehold.modify.torch_training.torch_learner import TorchLearner

    learner = TorchLearner(
        subject.path,
        subject.header,
        learned,
        plan,
        memory=means.memory,
        device=means.device,
        longest=_longest(plan, examples),
    )
    longest = max(examples, key=lambda example: len(example.ids))
    _check_same(subject, learner, longest.ids[:-1][:_READ])
    return learner, {"with": versions(), "numbers": learner.numbers}


def _longest(plan: TrainingPlan, examples: Sequence[Example]) -> Sequence[int]:
    """Tokens of the longest examples, as many as make a step."""
    return sorted((len(example.ids) for example in examples), reverse=True)[: plan.batch]


def _remembers(
    subject: Subject, plan: TrainingPlan, means: Means, examples: Sequence[Example]
) -> bool:
    """Whether all that a step's layers compute can be held until the way back."""
    try:
        config = subject.transformer.config
    except UnsupportedModel as error:
        hint = f"{error.hint or ''} Training --with torch knows some more."
        raise UnsupportedModel(error.message, hint.strip()) from error
    each = 8 * config.width + 6 * config.heads * config.head_width + 5 * config.hidden
    batch = _longest(plan, examples)
    held = sum(4 * config.layers * (n * each + 2 * config.heads * n * n) for n in batch)
    return held <= means.memory // 2


def _check_same(subject: Subject, learner: TorchLearner, ids: tuple[int, ...]) -> None:
    """Raise UnsupportedModel where torch's model is another than the engine's of the same file.

    Both read the same tokens, and say what they expect next: a family's details that one of them
    does not know (rotations, windows, scales) would teach the adapter for a model nobody runs.
    """
    from freehold.engine.interface import Delta, Sampling, TextRequest

    sampling = Sampling(temperature=0.0, max_tokens=1, alternatives=_LIKELIEST, past_the_end=True)
    subject.rest()
    with subject.answering(max(512, 2 * len(ids))) as model:
        deltas = [each for each in model.complete(TextRequest(ids, sampling))
                  if isinstance(each, Delta)]  # fmt: skip
    theirs = {subject.piece(token): chance for token, chance in learner.expected(ids)}
    said = deltas[0].chances[0].others if deltas and deltas[0].chances else ()
    shares = [math.exp(each.logprob) for each in said]
    gaps = [abs(each.logprob - theirs.get(each.bytes, -100.0)) for each in said]
    apart = sum(map(operator.mul, shares, gaps)) / max(sum(shares), 1e-9)
    if not said or apart > _APART:
        raise UnsupportedModel(
            f"torch computes something else of {subject.name} than what runs it: {apart:.2f} nats "
            "apart after the same words.",
            "Train without --with torch, if it is one that Freehold opens up itself.",
        )
