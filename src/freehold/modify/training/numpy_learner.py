"""Training in NumPy, over the quantized weights as they are in the file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.adamw import AdamW
from freehold.modify.training.learner import Group
from freehold.modify.training.low_rank import Learned, arrays
from freehold.modify.training.network import Example, Losses, Network
from freehold.modify.training.plan import TrainingPlan
from freehold.transformer.transformer import Transformer

Array = NDArray[np.float32]


class NumpyLearner:
    """A `Learner`. `learned` is what it changes."""

    def __init__(
        self,
        model: Transformer,
        learned: Mapping[str, Learned],
        plan: TrainingPlan,
        *,
        remember: bool = True,
    ) -> None:
        """`remember` is of `Network`."""
        self._learned = learned
        self._network = Network(model, learned, plan.scale, remember=remember)
        self._optimizer = AdamW(learned, decay=plan.decay, clip=plan.clip)

    @property
    def steps(self) -> int:
        """Moves so far."""
        return self._optimizer.steps

    @steps.setter
    def steps(self, steps: int) -> None:
        self._optimizer.steps = steps

    def losses(self, examples: Sequence[Example], *, untrained: bool = False) -> Losses:
        """See `Learner`."""
        network = self._network.untrained() if untrained else self._network
        return network.losses(examples)

    def learn(self, examples: Sequence[Example]) -> Losses:
        """See `Learner`."""
        return self._network.learn(examples)

    def move(self, rate: float) -> None:
        """See `Learner`."""
        self._optimizer.step(rate)

    def copied(self, group: Group) -> dict[str, Array]:
        """See `Learner`."""
        return {name: values.copy() for name, values in self._places(group).items()}

    def put(self, group: Group, values: Mapping[str, Array]) -> None:
        """See `Learner`."""
        for name, place in self._places(group).items():
            place[...] = values[name]

    def _places(self, group: Group) -> Mapping[str, Array]:
        if group == "now":
            return {name: values for name, values, _ in arrays(self._learned)}
        return self._optimizer.mean if group == "mean" else self._optimizer.square
