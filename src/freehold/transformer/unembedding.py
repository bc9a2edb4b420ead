"""From the residual stream to logits: the final norm, the output matrix, the soft cap.

With the stream of a middle layer this is the logit lens (nostalgebraist, 2020): what the model
would say if it stopped there. A vocabulary can have 262,144 tokens: the matrix is used in strips.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.config import TransformerConfig
from freehold.transformer.norm import rms_norm, soft_cap
from freehold.transformer.weights import Weights

Array = NDArray[np.float32]

PART_ROWS = 16_384
"""Tokens of the vocabulary in one strip, unless another number is asked for."""


class Unembedding:
    """The last step of one model."""

    def __init__(self, config: TransformerConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights
        self.matrix = "token_embd.weight" if config.tied else "output.weight"
        """The name of the output matrix."""
        self._bias = "output.bias" if weights.has("output.bias") else None

    @property
    def tensors(self) -> tuple[str, ...]:
        """The names of those that take part."""
        return ("output_norm.weight", self.matrix, "output.bias")

    def norm(self, x: Array) -> Array:
        """The final norm: (…, width) -> (…, width)."""
        return rms_norm(x, self._weights.vector("output_norm.weight"), self._config.epsilon)

    def parts(self, normed: Array, part_rows: int = PART_ROWS) -> Iterator[tuple[int, Array]]:
        """Logits, `part_rows` tokens at a time: (…, width) -> (first id, (…, rows))."""
        flat = np.ascontiguousarray(normed.reshape(-1, self._config.width))
        for first, strip in self._weights.strips(self.matrix, part_rows):
            part: Array = flat @ strip.T
            if self._bias is not None:
                part += self._weights.vector(self._bias)[first : first + len(strip)]
            part = soft_cap(part, self._config.logit_cap)
            yield first, part.reshape(*normed.shape[:-1], len(strip))

    def whole(self, normed: Array) -> Array:
        """All logits: (…, width) -> (…, vocabulary)."""
        logits = np.empty((*normed.shape[:-1], self._config.vocabulary), np.float32)
        for first, part in self.parts(normed):
            logits[..., first : first + part.shape[-1]] = part
        return logits

    def of_tokens(self, normed: Array, tokens: Sequence[int]) -> Array:
        """The logits of a few tokens alone: (…, width) -> (…, len(tokens))."""
        logits: Array = normed @ self._weights.rows(self.matrix, tokens).T
        if self._bias is not None:
            logits += self._weights.vector(self._bias)[list(tokens)]
        return soft_cap(logits, self._config.logit_cap)
