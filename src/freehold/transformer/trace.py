"""What a decoder computed for one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, eq=False)
class Trace:
    """The activations of one run. Those that were not asked for are None, or not there."""

    ids: tuple[int, ...]
    residual: NDArray[np.float32] | None
    """(layers + 1, positions, width): 0 is the embedding, i + 1 what layer i left behind."""
    pattern: NDArray[np.float32] | None
    """(layers, heads, positions, positions): where each position looked, adding up to 1."""
    logits: NDArray[np.float32] | None
    """(positions, vocabulary), or (1, vocabulary) of the last position alone."""
    activations: Mapping[str, NDArray[np.float32]]
    """Whatever else was kept, by name."""
