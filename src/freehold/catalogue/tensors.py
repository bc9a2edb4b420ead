"""The tensors that a model's file holds, worked out from its published shape.

Names and sizes follow llama.cpp's loaders (src/models/*.cpp). Vectors, such as norms and biases,
are counted where they add up to something and are stored as F32.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from freehold.catalogue.entry import Experts, Hybrid, LatentAttention, Mixer, Shape
from freehold.formats.mixes import Part
from freehold.formats.model_shape import WeightRole


@dataclass(frozen=True)
class PlannedTensor:
    """One tensor: `count` matrices of `rows` rows of `columns` numbers."""

    part: Part
    columns: int
    rows: int
    layer: int = 0
    count: int = 1
    role: WeightRole = WeightRole.LAYER

    @property
    def elements(self) -> int:
        """Numbers in it."""
        return self.columns * self.rows * self.count


def tensors(shape: Shape) -> Iterator[PlannedTensor]:
    """All of them, in the order of the layers."""
    width, vocabulary = shape.embedding_width, shape.vocabulary
    yield PlannedTensor(Part.EMBEDDING, width, vocabulary, role=WeightRole.EMBEDDING)
    if not shape.tied:
        yield PlannedTensor(Part.OUTPUT, width, vocabulary, role=WeightRole.OUTPUT)
    if shape.positions:
        yield PlannedTensor(Part.SMALL, width, shape.positions, role=WeightRole.TABLE)
    if shape.layer_embedding_width:
        yield from _layer_embedding(shape)
    yield _vector(width, 0)
    for layer in range(shape.layers):
        yield _vector(2 * width, layer)
        yield from _attention(shape, layer)
        yield from _feed_forward(shape, layer)


def _vector(width: int, layer: int) -> PlannedTensor:
    return PlannedTensor(Part.SMALL, width, 1, layer)


def _matrix(part: Part, columns: int, rows: int, layer: int) -> PlannedTensor:
    return PlannedTensor(part, columns, rows, layer)


def _layer_embedding(shape: Shape) -> Iterator[PlannedTensor]:
    """The table of every layer's own embeddings, and what brings them in (gemma4.cpp)."""
    width, own = shape.embedding_width, shape.layer_embedding_width
    joint = own * shape.layers
    yield PlannedTensor(Part.EMBEDDING, joint, shape.vocabulary, role=WeightRole.TABLE)
    yield PlannedTensor(Part.SMALL, width, joint)
    for layer in range(shape.layers):
        yield _matrix(Part.OTHER, width, own, layer)
        yield _matrix(Part.OTHER, own, width, layer)


def _attention(shape: Shape, layer: int) -> Iterator[PlannedTensor]:
    if shape.hybrid is not None and not shape.hybrid.attends(layer):
        yield from _mixer(shape.embedding_width, shape.hybrid, layer)
    elif shape.latent is not None:
        yield from _latent(shape, shape.latent, layer)
    else:
        yield from _plain_attention(shape, layer)


def _plain_attention(shape: Shape, layer: int) -> Iterator[PlannedTensor]:
    width = shape.embedding_width
    kv_heads, head_width = kv_heads_at(shape, layer), head_width_at(shape, layer)
    query, key = shape.heads * head_width, kv_heads * head_width
    gated = 2 * query if shape.gated_query else query
    if shape.fused:
        yield _matrix(Part.QUERY_KEY_VALUE, width, gated + 2 * key, layer)
    else:
        yield _matrix(Part.QUERY, width, gated, layer)
        if layer < shape.layers - shape.borrowed_caches:
            yield _matrix(Part.KEY, width, key, layer)
            if not (shape.full_keys_only and shape.sees_all(layer)):
                yield _matrix(Part.VALUE, width, key, layer)
    yield _matrix(Part.ATTENTION_OUTPUT, query, width, layer)


def kv_heads_at(shape: Shape, layer: int) -> int:
    """Heads of keys in one layer."""
    other = shape.full_kv_heads if shape.sees_all(layer) else None
    return shape.kv_heads if other is None else other


def head_width_at(shape: Shape, layer: int) -> int:
    """Width of one head in one layer."""
    other = shape.full_head_width if shape.sees_all(layer) else None
    return shape.head_width if other is None else other


def _latent(shape: Shape, latent: LatentAttention, layer: int) -> Iterator[PlannedTensor]:
    """deepseek2.cpp; keys and values are unpacked by two stacks of one matrix a head."""
    width, heads = shape.embedding_width, shape.heads
    query = heads * (latent.key_width + latent.position_width)
    if latent.query_width is None:
        yield _matrix(Part.QUERY, width, query, layer)
    else:
        yield _matrix(Part.OTHER, width, latent.query_width, layer)
        yield _matrix(Part.OTHER, latent.query_width, query, layer)
    yield _matrix(Part.OTHER, width, latent.cache_width + latent.position_width, layer)
    yield PlannedTensor(Part.OTHER, latent.key_width, latent.cache_width, layer, heads)
    yield PlannedTensor(Part.OTHER, latent.cache_width, latent.value_width, layer, heads)
    yield _matrix(Part.ATTENTION_OUTPUT, heads * latent.value_width, width, layer)


def _mixer(width: int, hybrid: Hybrid, layer: int) -> Iterator[PlannedTensor]:
    match hybrid.mixer:
        case Mixer.CONVOLUTION:  # lfm2.cpp
            yield _matrix(Part.SMALL, hybrid.convolution, width, layer)
            yield _matrix(Part.OTHER, width, 3 * width, layer)
            yield _matrix(Part.OTHER, width, width, layer)
        case Mixer.DELTA:  # qwen35.cpp
            keys = hybrid.state_width * hybrid.key_heads
            values = hybrid.state_width * hybrid.value_heads
            yield _matrix(Part.QUERY_KEY_VALUE, width, 2 * keys + values, layer)
            yield _matrix(Part.OTHER, width, values, layer)
            yield _matrix(Part.SMALL, hybrid.convolution, 2 * keys + values, layer)
            yield _matrix(Part.OTHER, width, 2 * hybrid.value_heads, layer)
            yield _matrix(Part.OTHER, values, width, layer)
        case Mixer.MAMBA:  # granite-hybrid.cpp
            inner = hybrid.inner_width
            states = 2 * hybrid.key_heads * hybrid.state_width
            yield _matrix(Part.OTHER, width, 2 * inner + states + hybrid.value_heads, layer)
            yield _matrix(Part.SMALL, hybrid.convolution + 1, inner + states, layer)
            yield _matrix(Part.OTHER, inner, width, layer)


def _feed_forward(shape: Shape, layer: int) -> Iterator[PlannedTensor]:
    width, experts = shape.embedding_width, shape.experts
    if experts is None or layer < experts.dense_layers:
        borrowed = layer >= shape.layers - shape.borrowed_caches
        wider = shape.borrowed_width if borrowed else None
        yield from _dense(width, wider or shape.feed_forward_width, shape.gated, layer)
        return
    yield from _sparse(width, experts, layer)
    if experts.shared_width:
        yield from _dense(width, experts.shared_width, gated=True, layer=layer)


def _dense(width: int, inner: int, gated: bool, layer: int) -> Iterator[PlannedTensor]:
    if gated:
        yield _matrix(Part.GATE, width, inner, layer)
    yield _matrix(Part.UP, width, inner, layer)
    yield _matrix(Part.DOWN, inner, width, layer)


def _sparse(width: int, experts: Experts, layer: int) -> Iterator[PlannedTensor]:
    yield _matrix(Part.SMALL, width, experts.count, layer)
    for part, columns, rows in (
        (Part.GATE, width, experts.width),
        (Part.UP, width, experts.width),
        (Part.DOWN, experts.width, width),
    ):
        yield PlannedTensor(part, columns, rows, layer, experts.count, WeightRole.EXPERT)
