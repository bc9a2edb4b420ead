"""One layer of a decoder, forwards and backwards, for several texts laid end to end.

What the slopes need is remembered on the way forward (`Passed`), or computed again on the way back
where memory is short (Chen et al., 2016): the result is the same.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from freehold.modify.training.attention import Attended, attend, attend_slopes
from freehold.modify.training.low_rank import Layers
from freehold.modify.training.slopes import gate_slopes, rms_norm_slope, rotate_slope
from freehold.transformer.attention import Turn
from freehold.transformer.config import TransformerConfig
from freehold.transformer.families import QueryKeyNorm
from freehold.transformer.mlp import gelu, silu
from freehold.transformer.norm import rms_norm
from freehold.transformer.rope import rotate

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Passed:
    """What a layer remembers. All are (positions, …); positions are those of all texts."""

    x: Array
    raw_q: Array
    """Queries before their norm, where there is one; so with `raw_k`."""
    raw_k: Array
    q: Array
    """(positions, heads, head width), turned."""
    k: Array
    v: Array
    attended: tuple[Attended, ...]
    """Of each text."""
    gathered: Array
    added: Array
    """What attention gave, before a norm of its own."""
    middle: Array
    gate: Array
    up: Array
    fed: Array
    """What the feed-forward part gave, before a norm of its own."""


class DecoderLayer:
    """Layer `index` of a decoder."""

    def __init__(self, index: int, config: TransformerConfig, layers: Layers) -> None:
        self._index = index
        self._config = config
        self._layers = layers
        self._family = config.differences
        self._norms = {
            "attn_norm": self._family.norm_before, "ffn_norm": self._family.norm_before,
            "post_attention_norm": self._family.norm_after,
            "post_ffw_norm": self._family.norm_after,
        }  # fmt: skip
        self._fused = layers.weights.has(f"blk.{index}.attn_qkv.weight")

    def forward(self, x: Array, turn: Turn, texts: tuple[slice, ...]) -> tuple[Array, Passed]:
        """(positions, width) -> (positions, width), and what the way back needs."""
        raw_q, raw_k, v = self._queries_keys_values(self._norm(x, "attn_norm"))
        rope = self._config.rope_of(self._index)
        q = rotate(self._normed_heads(raw_q, "attn_q_norm"), turn, rope)
        k = rotate(self._normed_heads(raw_k, "attn_k_norm"), turn, rope)
        attended = tuple(
            attend(q[text], k[text], v[text], self._index, self._config) for text in texts
        )
        gathered = np.concatenate([each.gathered for each in attended]).reshape(len(x), -1)
        added = self._linear(gathered, "attn_output")
        middle = x + self._norm(added, "post_attention_norm")
        gate, up = self._gate_and_up(self._norm(middle, "ffn_norm"))
        fed = self._linear(self._activated(gate) * up, "ffn_down")
        result = middle + self._norm(fed, "post_ffw_norm")
        return result, Passed(
            x, raw_q, raw_k, q, k, v, attended, gathered, added, middle, gate, up, fed
        )

    def backward(
        self, slope: Array, passed: Passed, turn: Turn, texts: tuple[slice, ...], *, through: bool
    ) -> Array | None:
        """The slope along the layer's input; None without `through`, which the first layer has no
        use for.
        """
        middle_slope = slope + self._feed_forward_slope(slope, passed)
        attended_slope = self._norm_slope(middle_slope, passed.added, "post_attention_norm")
        gathered_slope = self._linear_slope(attended_slope, passed.gathered, "attn_output")
        heads = gathered_slope.reshape(passed.q.shape)
        q, k, v = (np.empty_like(part) for part in (passed.q, passed.k, passed.v))
        for text, found in zip(texts, passed.attended, strict=True):
            q[text], k[text], v[text] = attend_slopes(
                heads[text], passed.q[text], passed.k[text], passed.v[text], found, self._config
            )
        rope = self._config.rope_of(self._index)
        q = self._heads_slope(rotate_slope(q, turn, rope), passed.raw_q, "attn_q_norm")
        k = self._heads_slope(rotate_slope(k, turn, rope), passed.raw_k, "attn_k_norm")
        back = self._queries_keys_values_slope(q, k, v, passed.x, through=through)
        if back is None:
            return None
        return middle_slope + self._norm_slope(back, passed.x, "attn_norm")

    def _feed_forward_slope(self, slope: Array, passed: Passed) -> Array:
        fed_slope = self._norm_slope(slope, passed.fed, "post_ffw_norm")
        hidden = self._activated(passed.gate) * passed.up
        hidden_slope = self._linear_slope(fed_slope, hidden, "ffn_down")
        gate, up = gate_slopes(hidden_slope, passed.gate, passed.up, self._family.activation)
        normed = self._norm(passed.middle, "ffn_norm")
        if self._family.fused_gate:
            back = self._linear_slope(np.concatenate([gate, up], axis=1), normed, "ffn_up")
        else:
            back = self._linear_slope(gate, normed, "ffn_gate")
            back += self._linear_slope(up, normed, "ffn_up")
        return self._norm_slope(back, passed.middle, "ffn_norm")

    def _queries_keys_values(self, x: Array) -> tuple[Array, Array, Array]:
        if self._fused:
            q, k, v = np.split(self._linear(x, "attn_qkv"), self._cuts(), axis=1)
        else:
            q, k, v = (self._linear(x, f"attn_{name}") for name in "qkv")
        width = self._config.head_width
        return (
            q.reshape(len(x), -1, width),
            k.reshape(len(x), -1, width),
            v.reshape(len(x), -1, width),
        )

    def _queries_keys_values_slope(
        self, q: Array, k: Array, v: Array, x: Array, *, through: bool
    ) -> Array | None:
        normed = self._norm(x, "attn_norm")
        parts = [part.reshape(len(x), -1) for part in (q, k, v)]
        names = ["attn_q", "attn_k", "attn_v"]
        if self._fused:
            parts, names = [np.concatenate(parts, axis=1)], ["attn_qkv"]
        if not through:
            for part, name in zip(parts, names, strict=True):
                self._layers.learn(part, normed, self._name(name))
            return None
        back = np.zeros_like(normed)
        for part, name in zip(parts, names, strict=True):
            back += self._linear_slope(part, normed, name)
        return back

    def _cuts(self) -> list[int]:
        query = self._config.heads * self._config.head_width
        return [query, query + self._config.kv_heads * self._config.head_width]

    def _normed_heads(self, x: Array, name: str) -> Array:
        """Queries or keys under the norm that some families have for them."""
        kind = self._family.query_key_norm
        if kind is QueryKeyNorm.NONE:
            return x
        flat = x.reshape(len(x), -1) if kind is QueryKeyNorm.WHOLE else x
        return rms_norm(flat, self._vector(name), self._config.epsilon).reshape(x.shape)

    def _heads_slope(self, slope: Array, x: Array, name: str) -> Array:
        kind = self._family.query_key_norm
        if kind is QueryKeyNorm.NONE:
            return slope
        if kind is QueryKeyNorm.WHOLE:
            slope, x = slope.reshape(len(x), -1), x.reshape(len(x), -1)
        return rms_norm_slope(slope, x, self._vector(name), self._config.epsilon)

    def _gate_and_up(self, x: Array) -> tuple[Array, Array]:
        up = self._linear(x, "ffn_up")
        if self._family.fused_gate:
            return up[:, : self._config.hidden], up[:, self._config.hidden :]
        return self._linear(x, "ffn_gate"), up

    def _activated(self, gate: Array) -> Array:
        return silu(gate) if self._family.activation == "silu" else gelu(gate)

    def _norm(self, x: Array, name: str) -> Array:
        """Under a norm, if the family has it there."""
        if not self._norms[name]:
            return x
        return rms_norm(x, self._vector(name), self._config.epsilon)

    def _norm_slope(self, slope: Array, x: Array, name: str) -> Array:
        if not self._norms[name]:
            return slope
        return rms_norm_slope(slope, x, self._vector(name), self._config.epsilon)

    def _linear(self, x: Array, name: str) -> Array:
        return self._layers.forward(x, self._name(name))

    def _linear_slope(self, slope: Array, x: Array, name: str) -> Array:
        return self._layers.backward(slope, x, self._name(name))

    def _vector(self, name: str) -> Array:
        return self._layers.weights.vector(f"{self._name(name)}.weight")

    def _name(self, name: str) -> str:
        return f"blk.{self._index}.{name}"
