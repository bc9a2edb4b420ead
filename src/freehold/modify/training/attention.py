"""Attention forwards, remembering what its slopes need, and backwards. One text at a time.

Shapes: n positions, H query heads, K heads of keys and values, H / K = g query heads sharing one.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.slopes import soft_cap_slope, softmax_slope
from freehold.transformer.attention import softmax, visible
from freehold.transformer.config import TransformerConfig
from freehold.transformer.norm import soft_cap

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Attended:
    """One text's attention in one layer."""

    gathered: Array
    """(n, H, head width)"""
    shares: Array
    """(K, g, n, n)"""
    capped: Array | None
    """Scores after the soft cap, where there is one."""


def attend(q: Array, k: Array, v: Array, layer: int, config: TransformerConfig) -> Attended:
    """q (n, H, head width), k and v (n, K, head width), turned already."""
    scores = np.matmul(_shared(q, config), k.transpose(1, 2, 0)[:, None])
    scores *= np.float32(config.attention_scale)
    capped = None
    if config.attention_cap is not None:
        scores = capped = soft_cap(scores, config.attention_cap)
    seen = visible(0, len(q), len(k), config.windows[layer])
    shares = softmax(np.where(seen, scores, np.float32(-np.inf)))
    gathered = np.matmul(shares, v.transpose(1, 0, 2)[:, None])
    return Attended(_unshared(gathered), shares, capped)


def attend_slopes(
    slope: Array, q: Array, k: Array, v: Array, found: Attended, config: TransformerConfig
) -> tuple[Array, Array, Array]:
    """The slopes along q, k and v, from that along what was gathered."""
    along = _shared(slope, config)  # (K, g, n, head width)
    shares_slope = np.matmul(along, v.transpose(1, 2, 0)[:, None])
    v_slope = np.matmul(found.shares.swapaxes(-1, -2), along).sum(axis=1)
    scores_slope = softmax_slope(shares_slope, found.shares)
    if found.capped is not None:
        scores_slope = soft_cap_slope(scores_slope, found.capped, config.attention_cap)
    scores_slope *= np.float32(config.attention_scale)
    q_slope = np.matmul(scores_slope, k.transpose(1, 0, 2)[:, None])
    k_slope = np.matmul(scores_slope.swapaxes(-1, -2), _shared(q, config)).sum(axis=1)
    return _unshared(q_slope), k_slope.transpose(1, 0, 2), v_slope.transpose(1, 0, 2)


def _shared(x: Array, config: TransformerConfig) -> Array:
    """(n, H, head width) -> (K, g, n, head width)."""
    return x.transpose(1, 0, 2).reshape(config.kv_heads, -1, len(x), x.shape[-1])


def _unshared(x: Array) -> Array:
    """(K, g, n, head width) -> (n, H, head width)."""
    return x.reshape(-1, *x.shape[2:]).transpose(1, 0, 2)
