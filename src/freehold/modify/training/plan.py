"""What a training is to be like."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace


@dataclass(frozen=True)
class TrainingPlan:
    """Every choice that changes the result: the same plan, data and machine give the same."""

    rank: int = 8
    alpha: float = 16.0
    """What is learned counts alpha / rank times."""
    targets: str = "all"
    """A word of `targets.CHOICES`, or names of matrices."""
    steps: int = 0
    """0: as many as go through the examples three times, 30 at least."""
    batch: int = 4
    """Examples in a step."""
    rate: float = 5e-4
    """The highest learning rate."""
    decay: float = 0.0
    clip: float = 1.0
    seed: int = 0
    look_every: int = 10
    """Steps between two looks at the held-out examples."""
    patience: int = 5
    """Looks without an improvement before training ends early."""

    @property
    def scale(self) -> float:
        """Of what is learned."""
        return self.alpha / self.rank

    def for_examples(self, count: int) -> TrainingPlan:
        """The plan with a number of steps."""
        usual = max(30, math.ceil(3 * count / min(self.batch, count)))
        return replace(self, steps=self.steps or usual)
