"""The slopes of a decoder's parts, by hand: each takes the loss's slope along what a part gave and
returns it along what the part was given.

They are the chain rule for the functions of `freehold.transformer`, and are checked against finite
differences for every family (tests/modify/training/test_network.py).
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.attention import Turn
from freehold.transformer.mlp import gelu, silu
from freehold.transformer.rope import RopeSettings, rotate

Array = NDArray[np.float32]


def rms_norm_slope(slope: Array, x: Array, weight: Array, epsilon: float) -> Array:
    """Of `rms_norm(x, weight, epsilon)`; the mean is over the last axis."""
    size = 1 / np.sqrt((x * x).mean(axis=-1, keepdims=True) + np.float32(epsilon))
    weighed = slope * weight
    shared = (weighed * x).mean(axis=-1, keepdims=True) * size**3
    along: Array = weighed * size - x * shared
    return along


def rotate_slope(slope: Array, turn: Turn, rope: RopeSettings) -> Array:
    """Of `rotate`: a rotation back, its size kept."""
    cosine, sine = turn
    return rotate(slope, (cosine, -sine), rope)


def softmax_slope(slope: Array, shares: Array) -> Array:
    """Of a softmax along the last axis that gave `shares`."""
    along: Array = shares * (slope - (slope * shares).sum(axis=-1, keepdims=True))
    return along


def soft_cap_slope(slope: Array, capped: Array, cap: float | None) -> Array:
    """Of `soft_cap` that gave `capped`."""
    if cap is None:
        return slope
    along: Array = slope * (1 - np.square(capped / np.float32(cap)))
    return along


def gate_slopes(slope: Array, gate: Array, up: Array, activation: str) -> tuple[Array, Array]:
    """Of activation(gate) · up, along each of the two."""
    if activation == "silu":
        with np.errstate(over="ignore"):
            open_ = np.reciprocal(1 + np.exp(-gate))
        activated, steep = silu(gate), np.multiply(open_, 1 + gate * (1 - open_))
    else:
        rate = np.float32(math.sqrt(2 / math.pi))
        inner = np.tanh(rate * gate * (1 + np.float32(0.044715) * gate * gate))
        inside = rate * (1 + np.float32(3 * 0.044715) * gate * gate)
        steep = np.multiply(1 + inner, np.float32(0.5))
        steep += np.float32(0.5) * gate * (1 - inner * inner) * inside
        activated = gelu(gate)
    gate_slope: Array = slope * up * steep
    return gate_slope, slope * activated
