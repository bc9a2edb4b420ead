"""Attention: each position gathers from those before it what its queries ask for.

Vaswani et al. (2017), with heads of keys and values shared by several query heads (Ainslie et al.,
2023), and windows, in which a position sees only so many (Beltagy et al., 2020).
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from freehold.transformer.config import TransformerConfig
from freehold.transformer.families import QueryKeyNorm
from freehold.transformer.hooks import Taps
from freehold.transformer.norm import rms_norm, soft_cap
from freehold.transformer.rope import rotate
from freehold.transformer.weights import Weights

Array = NDArray[np.float32]
Turn = tuple[Array, Array]
"""Cosines and sines of the positions: see `rope.rotations`."""

_SCORES = 32 << 20
"""Bytes of scores that are computed at once, where nobody asked to see them all."""


def attention(
    x: Array,
    layer: int,
    config: TransformerConfig,
    weights: Weights,
    turn: Turn,
    taps: Taps,
    texts: int = 1,
) -> Array:
    """What attention adds for `x`, (positions, width), normed already: (positions, width).

    `x` may hold several `texts` of one length, one after the other: none sees another. Scores and
    patterns can only be tapped of one.

    Names tapped: q, k, v (positions, heads, head width), after norms and rotation; scores and
    pattern (heads, positions, positions), from each query to each key; heads (positions, heads,
    head width), what each head gathered.
    """
    at = f"layers.{layer}.attention"
    q, k, v = _queries_keys_values(x, f"blk.{layer}.", config, weights)
    rope = config.rope_of(layer)
    q = taps(f"{at}.q", rotate(q, turn, rope))
    k = taps(f"{at}.k", rotate(k, turn, rope))
    v = taps(f"{at}.v", v)
    if taps.wants(f"{at}.scores") or taps.wants(f"{at}.pattern"):
        scores = taps(f"{at}.scores", _scores(q, k, 0, layer, config))
        pattern = taps(f"{at}.pattern", softmax(scores))
        gathered = _gather(pattern, v)
    else:
        each = zip(*(np.split(part, texts) for part in (q, k, v)), strict=True)
        gathered = np.concatenate([_attend(q, k, v, layer, config) for q, k, v in each])
    gathered = taps(f"{at}.heads", gathered)
    return weights.linear(gathered.reshape(len(x), -1), f"blk.{layer}.attn_output")


def _attend(q: Array, k: Array, v: Array, layer: int, config: TransformerConfig) -> Array:
    """What each head of one text gathers, (positions, heads, head width), some rows at a time."""
    gathered = np.empty_like(q)
    for rows in _row_parts(q, config):
        scores = _scores(q[rows], k[: rows.stop], rows.start, layer, config)
        gathered[rows] = _gather(softmax(scores), v[: rows.stop])
    return gathered


def softmax(scores: Array) -> Array:
    """Shares that add up to one along the last axis."""
    shares: Array = np.exp(scores - scores.max(axis=-1, keepdims=True))
    shares /= shares.sum(axis=-1, keepdims=True)
    return shares


def visible(first: int, queries: int, keys: int, window: int | None) -> NDArray[np.bool_]:
    """Which keys each query sees, (queries, keys); the queries' positions begin at `first`."""
    back = np.arange(first, first + queries)[:, None] - np.arange(keys)
    return (back >= 0) if window is None else (back >= 0) & (back < window)


def _queries_keys_values(
    x: Array, at: str, config: TransformerConfig, weights: Weights
) -> tuple[Array, Array, Array]:
    """(positions, heads, head width) of queries, and of keys and values with `kv_heads`."""
    key = config.kv_heads * config.head_width
    if weights.has(f"{at}attn_qkv.weight"):
        fused = weights.linear(x, f"{at}attn_qkv")
        q, k, v = fused[:, : -2 * key], fused[:, -2 * key : -key], fused[:, -key:]
    else:
        q, k, v = (weights.linear(x, f"{at}attn_{name}") for name in "qkv")
    kind = config.differences.query_key_norm
    if kind is QueryKeyNorm.WHOLE:
        q = rms_norm(q, weights.vector(f"{at}attn_q_norm.weight"), config.epsilon)
        k = rms_norm(k, weights.vector(f"{at}attn_k_norm.weight"), config.epsilon)
    q, k, v = (part.reshape(len(x), -1, config.head_width) for part in (q, k, v))
    if kind is QueryKeyNorm.HEAD:
        q = rms_norm(q, weights.vector(f"{at}attn_q_norm.weight"), config.epsilon)
        k = rms_norm(k, weights.vector(f"{at}attn_k_norm.weight"), config.epsilon)
    return q, k, v


def _scores(q: Array, k: Array, first: int, layer: int, config: TransformerConfig) -> Array:
    """How well each query fits each key, (heads, queries, keys); minus infinity where unseen."""
    shared = config.heads // config.kv_heads
    # (kv heads, heads that share one, queries, head width) by (kv heads, 1, head width, keys)
    queries = q.transpose(1, 0, 2).reshape(config.kv_heads, shared, len(q), -1)
    keys = k.transpose(1, 2, 0)[:, None]
    scores: Array = np.matmul(queries, keys).reshape(config.heads, len(q), len(k))
    scores *= np.float32(config.attention_scale)
    scores = soft_cap(scores, config.attention_cap)
    seen = visible(first, len(q), len(k), config.windows[layer])
    return np.where(seen, scores, np.float32(-np.inf))


def _gather(pattern: Array, v: Array) -> Array:
    """Each head's weighted sum of values: (queries, heads, head width)."""
    heads, queries, keys = pattern.shape
    kv_heads = v.shape[1]
    shares = pattern.reshape(kv_heads, heads // kv_heads, queries, keys)
    gathered: Array = np.matmul(shares, v.transpose(1, 0, 2)[:, None])
    return gathered.reshape(heads, queries, -1).transpose(1, 0, 2)


def _row_parts(q: Array, config: TransformerConfig) -> Iterator[slice]:
    step = max(1, _SCORES // (4 * config.heads * len(q)))
    for start in range(0, len(q), step):
        yield slice(start, min(start + step, len(q)))
