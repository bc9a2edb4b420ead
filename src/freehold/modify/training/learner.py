"""What a training needs of whatever computes: losses, their slopes, and a step along these.

NumPy does it in `numpy_learner`, torch in `freehold.modify.torch_training`. What is learned has the
same names, shapes and order of rows in both, those of the model's file, so that plan, checkpoint
and result are the same whichever it was.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.network import Example, Losses

Array = NDArray[np.float32]

Group = Literal["now", "mean", "square"]
GROUPS: tuple[Group, ...] = ("now", "mean", "square")
"""What is learned, and the optimizer's smoothed slopes and squares of slopes."""


class Learner(Protocol):
    """A model with something on top of it that learns."""

    steps: int
    """Moves so far."""

    def losses(self, examples: Sequence[Example], *, untrained: bool = False) -> Losses:
        """What some texts cost; with `untrained`, as if nothing had been learned."""

    def learn(self, examples: Sequence[Example]) -> Losses:
        """The same, adding the slopes of the mean over all learned tokens to those there are."""

    def move(self, rate: float) -> None:
        """Take one step along the slopes, and forget them."""

    def copied(self, group: Group) -> dict[str, Array]:
        """All arrays of a group, by name: `blk.0.attn_q.a`."""

    def put(self, group: Group, values: Mapping[str, Array]) -> None:
        """The way back. Names and shapes are those of `copied`."""
