"""The feed-forward part: each position by itself, wider, gated, and back.

down(activation(gate(x)) · up(x)): SwiGLU and GeGLU (Shazeer, 2020).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.config import TransformerConfig
from freehold.transformer.hooks import Taps
from freehold.transformer.weights import Weights

Array = NDArray[np.float32]


def feed_forward(
    x: Array, layer: int, config: TransformerConfig, weights: Weights, taps: Taps
) -> Array:
    """What the feed-forward part adds for `x`, (positions, width), normed already.

    Names tapped: gate (before its activation), up, hidden (their product): (positions, hidden).
    """
    at, names = f"blk.{layer}.", f"layers.{layer}.mlp"
    up = weights.linear(x, f"{at}ffn_up")
    if config.differences.fused_gate:
        gate, up = up[:, : config.hidden], up[:, config.hidden :]
    else:
        gate = weights.linear(x, f"{at}ffn_gate")
    gate = taps(f"{names}.gate", gate)
    up = taps(f"{names}.up", up)
    activation = silu if config.differences.activation == "silu" else gelu
    hidden = taps(f"{names}.hidden", activation(gate) * up)
    return weights.linear(hidden, f"{at}ffn_down")


def silu(x: Array) -> Array:
    """x / (1 + e^-x): Ramachandran et al. (2017)."""
    with np.errstate(over="ignore"):  # e^-x may be infinite, and x over that is rightly zero
        activated: Array = x / (1 + np.exp(-x))
    return activated


def gelu(x: Array) -> Array:
    """The tanh form of GELU: Hendrycks and Gimpel (2016)."""
    inner = np.float32(math.sqrt(2 / math.pi)) * x * (1 + np.float32(0.044715) * x * x)
    activated: Array = np.float32(0.5) * x * (1 + np.tanh(inner))
    return activated
