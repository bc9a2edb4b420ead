"""What a decoder computed for one text."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.errors import UsageError

Array = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Trace:
    """The activations of one run that were asked for."""

    ids: tuple[int, ...]
    activations: Mapping[str, Array]
    """What was kept by its own name: see `hooks`."""
    whole: Mapping[str, Array]
    """What was put together from all layers: "residual", "pattern"; and "logits"."""

    @property
    def residual(self) -> Array:
        """(layers + 1, positions, width): 0 is the embedding, i + 1 what layer i left behind."""
        return self._found("residual", 'keep=["residual"]')

    @property
    def pattern(self) -> Array:
        """(layers, heads, positions, positions): where each position looked, adding up to 1."""
        return self._found("pattern", 'keep=["pattern"]')

    @property
    def logits(self) -> Array:
        """(positions, vocabulary), or (1, vocabulary) of the last position alone."""
        return self._found("logits", "logits=True")

    def _found(self, name: str, ask: str) -> Array:
        if name not in self.whole:
            raise UsageError(f"This trace was made without {name!r}.", f"Trace with {ask}.")
        return self.whole[name]
