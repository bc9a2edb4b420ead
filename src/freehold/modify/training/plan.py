"""What a training is to be like."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainingPlan:
    """Every choice that changes the result: the same plan, data and machine give the same."""

    rank: int = 8
    alpha: float = 16.0
    """What is learned counts alpha / rank times."""
    targets: str = "all"
    """A word of `targets.CHOICES`, or names of matrices."""
    steps: int = 100
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
