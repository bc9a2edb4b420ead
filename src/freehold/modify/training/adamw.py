"""AdamW: steps along smoothed slopes, each number at its own pace.

Kingma and Ba (2015); weight decay apart from the slopes, as Loshchilov and Hutter (2019) do it.
Slopes longer than `clip`, taken all together, are shortened first (Pascanu et al., 2013).
"""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.low_rank import Learned, arrays

Array = NDArray[np.float32]

_FIRST, _SECOND, _TINY = 0.9, 0.999, 1e-8


class AdamW:
    """The optimizer of all that is learned. Its state is arrays, for a checkpoint to keep."""

    def __init__(
        self, learned: Mapping[str, Learned], *, decay: float = 0.0, clip: float = 1.0
    ) -> None:
        self._learned = learned
        self._decay = decay
        self._clip = clip
        self.steps = 0
        self.mean = {name: np.zeros_like(values) for name, values, _ in arrays(learned)}
        """Smoothed slopes."""
        self.square = {name: np.zeros_like(values) for name, values, _ in arrays(learned)}
        """Smoothed squares of slopes."""

    def step(self, rate: float) -> None:
        """Move everything once, and forget the slopes."""
        self.steps += 1
        length = math.sqrt(sum(float(np.vdot(slope, slope)) for *_, slope in arrays(self._learned)))
        shorter = np.float32(min(1.0, self._clip / (length + 1e-6)))
        unbiased_mean = 1 - _FIRST**self.steps
        unbiased_square = math.sqrt(1 - _SECOND**self.steps)
        for name, values, given in arrays(self._learned):
            slope = given * shorter
            mean, square = self.mean[name], self.square[name]
            mean += np.float32(1 - _FIRST) * (slope - mean)
            square += np.float32(1 - _SECOND) * (slope * slope - square)
            size = np.sqrt(square) / np.float32(unbiased_square) + np.float32(_TINY)
            kept = values * np.float32(1 - rate * self._decay)
            values[...] = kept - np.float32(rate / unbiased_mean) * mean / size
        for part in self._learned.values():
            part.forget_slopes()
