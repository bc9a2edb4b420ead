"""A model file with the shape of a real one and random weights: it loads, runs, and talks nonsense.

What a model costs in memory and time follows from its shape and its block types, not from what
its weights know; so a machine can be measured, and a prediction checked, without a download. An
answer goes on until it is told to stop: the weights of the token that would end it are zero.

A `varied` one is for comparing what two programs compute from it: no two of its tensors are alike,
and norms and biases are random too, so that one forgotten or taken for another shows.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from itertools import chain
from typing import BinaryIO, Literal
from zlib import crc32

from freehold.errors import UsageError
from freehold.formats.gguf_types import NARROWER, TYPES_BY_NAME, BlockType, ValueType
from freehold.formats.gguf_write import Entry, NewTensor, write_gguf
from freehold.formats.synthetic_vocabulary import Kind, vocabulary_entries
from freehold.formats.synthetic_weights import constant_weights, random_weights, spread_weights

Family = Literal["llama", "qwen2", "qwen3", "qwen3moe", "gemma2", "gemma3", "phi3", "olmo2"]

_F32 = TYPES_BY_NAME["F32"]
_VALUE_TYPES: dict[type, ValueType] = {
    str: ValueType.STRING, int: ValueType.UINT32, float: ValueType.FLOAT32,
}  # fmt: skip
_SENTENCE_PIECES = frozenset({"gemma2", "gemma3", "phi3"})
_BIASED = {"qwen2": ("attn_q", "attn_k", "attn_v")}
_NORMS_AFTER = frozenset({"gemma2", "gemma3", "olmo2"})
_NORMS_OF_HEADS = frozenset({"qwen3", "qwen3moe", "gemma3", "olmo2"})


@dataclass(frozen=True)
class SyntheticModel:
    """The shape of a model to be made. Widths are in numbers."""

    family: Family
    layers: int
    embedding_width: int
    feed_forward_width: int
    """Of one expert where there are experts."""
    heads: int
    kv_heads: int
    head_width: int
    vocabulary: int
    context_length: int = 32_768
    window: int | None = None
    """How far some layers look back, in the families that have such: five of six of gemma3."""
    experts: int = 0
    experts_used: int = 0
    tied: bool = True
    """Whether the embedding is the output matrix too."""
    varied: bool = False
    """Whether norms, biases and matrices all differ from each other."""
    norms: tuple[float, float] = (1.0, 7.0)
    """Where varied: the least and the most weight in a norm. Larger ones make attention sharper,
    and differences between two programs larger."""
    biased: tuple[str, ...] = ()
    """Matrices with a bias, such as `attn_output`, besides those that always have one."""
    rope_width: int | None = None
    """How many of a head's numbers are rotated; None: all."""
    more: tuple[tuple[str, str | int | float], ...] = ()
    """Further metadata, by keys without the family's name: `("rope.scaling.type", "yarn")`."""
    factors: tuple[tuple[str, tuple[float, ...]], ...] = ()
    """Further tensors of one row, such as `rope_freqs`."""


def write_synthetic(
    file: BinaryIO,
    model: SyntheticModel,
    block_type: str,
    *,
    embedding_type: str | None = None,
    seed: int = 0,
) -> int:
    """Write `model` with matrices of `block_type` and return the file's size in bytes.

    The embedding, and the output matrix where there is one, can be of another type, as in most
    recipes. Raises UsageError for a type that no random weights can be made of.
    """
    for name in (block_type, embedding_type or block_type):
        if name not in TYPES_BY_NAME:
            raise UsageError(f"{name} is no block type.", "Such as Q4_K, Q8_0 or F16.")
    maker = _Maker(model, block_type, embedding_type or block_type, seed)
    return write_gguf(file, list(_entries(model)), list(maker.tensors()))


def _entries(model: SyntheticModel) -> Iterator[Entry]:
    prefix = model.family
    yield Entry("general.architecture", ValueType.STRING, prefix)
    yield Entry("general.name", ValueType.STRING, "Synthetic")  # llama.cpp reads names
    numbers = {
        "context_length": model.context_length,
        "block_count": model.layers,
        "embedding_length": model.embedding_width,
        "feed_forward_length": model.feed_forward_width,
        "attention.head_count": model.heads,
        "attention.head_count_kv": model.kv_heads,
        "attention.key_length": model.head_width,
        "attention.value_length": model.head_width,
        "rope.dimension_count": model.rope_width or model.head_width,
        "attention.sliding_window": model.window or 0,
        "expert_count": model.experts,
        "expert_used_count": model.experts_used,
        "expert_feed_forward_length": model.feed_forward_width if model.experts else 0,
    }
    for key, value in numbers.items():
        if value:
            yield Entry(f"{prefix}.{key}", ValueType.UINT32, value)
    yield Entry(f"{prefix}.attention.layer_norm_rms_epsilon", ValueType.FLOAT32, 1e-6)
    yield Entry(f"{prefix}.rope.freq_base", ValueType.FLOAT32, 10_000.0)
    for key, given in model.more:
        yield Entry(f"{prefix}.{key}", _VALUE_TYPES[type(given)], given)
    kind: Kind = "llama" if prefix in _SENTENCE_PIECES else "gpt2"
    yield from vocabulary_entries(kind, model.vocabulary)


class _Maker:
    """The tensors of one model, by the names that llama.cpp looks for."""

    def __init__(self, model: SyntheticModel, layer: str, embedding: str, seed: int) -> None:
        self._model = model
        self._layer = layer
        self._embedding = embedding
        self._seed = seed

    def tensors(self) -> Iterator[NewTensor]:
        model = self._model
        table = (model.embedding_width, model.vocabulary)
        yield self._embedded("token_embd", table)
        yield self._norm("output_norm", model.embedding_width)
        if not model.tied:
            yield self._embedded("output", table)
        for name, values in model.factors:
            data = struct.pack(f"<{len(values)}f", *values)
            yield NewTensor(f"{name}.weight", (len(values),), _F32, partial(_once, data))
        for layer in range(model.layers):
            yield from self._attention(f"blk.{layer}.")
            yield from self._feed_forward(f"blk.{layer}.")

    def _attention(self, at: str) -> Iterator[NewTensor]:
        model = self._model
        width, family = model.embedding_width, model.family
        query, key = model.heads * model.head_width, model.kv_heads * model.head_width
        if family != "olmo2":
            yield self._norm(at + "attn_norm", width)
        if family == "phi3":
            yield from self._linear(at + "attn_qkv", width, query + 2 * key)
        else:
            for name, rows in (("attn_q", query), ("attn_k", key), ("attn_v", key)):
                yield from self._linear(at + name, width, rows)
        if family in _NORMS_OF_HEADS:
            whole = family == "olmo2"
            yield self._norm(at + "attn_q_norm", query if whole else model.head_width)
            yield self._norm(at + "attn_k_norm", key if whole else model.head_width)
        yield from self._linear(at + "attn_output", query, width)
        if family in _NORMS_AFTER:
            yield self._norm(at + "post_attention_norm", width)
            yield self._norm(at + "post_ffw_norm", width)

    def _feed_forward(self, at: str) -> Iterator[NewTensor]:
        model = self._model
        width, inner = model.embedding_width, model.feed_forward_width
        if model.family != "olmo2":
            yield self._norm(at + "ffn_norm", width)
        if model.experts:
            many = (model.experts,)
            yield self._matrix(at + "ffn_gate_inp", (width, model.experts), "F32")
            yield self._matrix(at + "ffn_gate_exps", (width, inner, *many))
            yield self._matrix(at + "ffn_up_exps", (width, inner, *many))
            yield self._matrix(at + "ffn_down_exps", (inner, width, *many))
            return
        if model.family == "phi3":
            yield from self._linear(at + "ffn_up", width, 2 * inner)
        else:
            yield from self._linear(at + "ffn_gate", width, inner)
            yield from self._linear(at + "ffn_up", width, inner)
        yield from self._linear(at + "ffn_down", inner, width)

    def _linear(self, name: str, width: int, rows: int) -> Iterator[NewTensor]:
        yield self._matrix(name, (width, rows))
        always = _BIASED.get(self._model.family, ())
        if name.rpartition(".")[2] in (*always, *self._model.biased):
            yield self._vector(f"{name}.bias", rows, 0.0, (-1.0, 1.0))

    def _matrix(self, name: str, shape: tuple[int, ...], kind: str | None = None) -> NewTensor:
        block = _block(kind or self._layer, shape[0])
        elements, seed = _product(shape), self._seed_of(name)
        return NewTensor(
            f"{name}.weight", shape, block, lambda: random_weights(block, elements, seed)
        )

    def _embedded(self, name: str, table: tuple[int, int]) -> NewTensor:
        matrix = self._matrix(name, table, self._embedding)
        end = bytes(matrix.size // table[1])
        elements, seed = _product(table) - table[0], self._seed_of(name)
        return replace(
            matrix, pieces=lambda: chain((end,), random_weights(matrix.type, elements, seed))
        )

    def _norm(self, name: str, width: int) -> NewTensor:
        return self._vector(f"{name}.weight", width, 1.0, self._model.norms)

    def _vector(
        self, name: str, width: int, value: float, varied: tuple[float, float]
    ) -> NewTensor:
        data = constant_weights(value, width)
        if self._model.varied:
            data = spread_weights(*varied, width, self._seed_of(name))
        return NewTensor(name, (width,), _F32, partial(_once, data))

    def _seed_of(self, name: str) -> int:
        return self._seed + (crc32(name.encode()) if self._model.varied else 0)


def _once(data: bytes) -> tuple[bytes]:
    return (data,)


def _product(shape: tuple[int, ...]) -> int:
    total = 1
    for length in shape:
        total *= length
    return total


def _block(kind: str, width: int) -> BlockType:
    block = TYPES_BY_NAME[kind]
    if width % block.elements and kind in NARROWER:
        return _block(NARROWER[kind], width)
    return block
