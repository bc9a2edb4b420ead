"""From token ids through the layers: what is added to the residual stream, one layer at a time.

A layer adds twice: what attention finds at other positions, then what the feed-forward part makes
of each position by itself. Families differ in where the norms are (`families`).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.attention import Turn, attention
from freehold.transformer.config import TransformerConfig
from freehold.transformer.hooks import Taps
from freehold.transformer.mlp import feed_forward
from freehold.transformer.norm import rms_norm
from freehold.transformer.rope import RopeSettings, rotations
from freehold.transformer.weights import Weights

Array = NDArray[np.float32]


class Layers:
    """The layers of one model, and the embedding before them."""

    def __init__(self, config: TransformerConfig, weights: Weights) -> None:
        self._config = config
        self._weights = weights

    def embed(self, ids: Sequence[int]) -> Array:
        """What the residual stream begins with: (positions, width)."""
        return self._weights.rows("token_embd.weight", ids) * np.float32(
            self._config.embedding_scale
        )

    def turns(self, positions: int) -> dict[RopeSettings, Turn]:
        """Rotations for each kind of layer."""
        rope = self._config.rope
        # The engine decides by the context it was loaded with; one just large enough is meant here.
        name = f"rope_factors_{'long' if positions > rope.original_context else 'short'}.weight"
        name = "rope_freqs.weight" if self._weights.has("rope_freqs.weight") else name
        factors = self._weights.vector(name) if self._weights.has(name) else None
        return {
            kind: rotations(kind, positions, factors) for kind in (rope, self._config.window_rope)
        }

    def run(self, x: Array, layer: int, turn: Turn, taps: Taps, texts: int = 1) -> Array:
        """One layer: (positions, width) -> (positions, width).

        With several texts, their positions come one after the other.
        """
        names, at = f"layers.{layer}", f"blk.{layer}."
        x = taps(f"{names}.input", x)
        normed = self._norm(x, f"{at}attn_norm", f"{names}.attention.norm", taps)
        added = attention(normed, layer, self._config, self._weights, turn, taps, texts)
        added = self._after(added, f"{at}post_attention_norm")
        x = taps(f"{names}.middle", x + taps(f"{names}.attention.output", added))
        normed = self._norm(x, f"{at}ffn_norm", f"{names}.mlp.norm", taps)
        added = feed_forward(normed, layer, self._config, self._weights, taps)
        added = self._after(added, f"{at}post_ffw_norm")
        return taps(f"{names}.output", x + taps(f"{names}.mlp.output", added))

    def _norm(self, x: Array, weight: str, name: str, taps: Taps) -> Array:
        if self._config.differences.norm_before:
            x = rms_norm(x, self._weights.vector(f"{weight}.weight"), self._config.epsilon)
        return taps(name, x)

    def _after(self, x: Array, weight: str) -> Array:
        if not self._config.differences.norm_after:
            return x
        return rms_norm(x, self._weights.vector(f"{weight}.weight"), self._config.epsilon)
