"""From a catalogue entry and a quantization's name to the shape that predictions are made from."""

from __future__ import annotations

from freehold.catalogue.entry import CatalogueEntry, Hybrid, LatentAttention, Mixer, Shape
from freehold.catalogue.tensors import (
    PlannedTensor,
    head_width_at,
    kv_heads_at,
    tensors,
)
from freehold.errors import UsageError
from freehold.formats.families import NO_CACHE
from freehold.formats.gguf_types import TYPES_BY_NAME, BlockType
from freehold.formats.mixes import MIXES, Mix, Part, Place
from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole

_BYTES_PER_TOKEN = 37
"""What one token of the vocabulary takes in a file's header: its text, its kind and the rule that
made it. Between 24 and 40 in the files that were looked at."""


def model_shape(entry: CatalogueEntry, quantization: str) -> ModelShape:
    """The shape of the entry's file in this quantization.

    Raises UsageError for an entry without a shape and for an unknown quantization.
    """
    shape = _known(entry)
    experts = shape.experts
    return ModelShape(
        architecture=entry.architecture,
        layers=tuple(_layer(shape, entry.architecture, index) for index in range(shape.layers)),
        embedding_width=shape.embedding_width,
        vocabulary=shape.vocabulary,
        context_length=shape.context,
        weights=_groups(shape, entry.architecture, quantization),
        experts=experts.count if experts else 0,
        experts_used=experts.used if experts else 0,
        unknown=() if entry.missing is None else (entry.missing,),
    )


def file_size(entry: CatalogueEntry, quantization: str) -> int:
    """Bytes of the whole file: weights, and a header that is mostly vocabulary."""
    shape = _known(entry)
    return model_shape(entry, quantization).size + _BYTES_PER_TOKEN * shape.vocabulary


def _known(entry: CatalogueEntry) -> Shape:
    if entry.shape is None:
        raise UsageError(
            f"The catalogue has no shape for {entry.title}.",
            entry.missing or "It cannot be predicted.",
        )
    return entry.shape


def _groups(shape: Shape, architecture: str, quantization: str) -> tuple[WeightGroup, ...]:
    planned = list(tensors(shape))
    mix = _mix(shape, architecture, quantization, sum(each.part.is_value for each in planned))
    before = 0
    groups: dict[tuple[WeightRole, str], WeightGroup] = {}
    for tensor in planned:
        block = _block(mix, tensor, before)
        before += tensor.part.is_value
        key = (tensor.role, block.name)
        groups[key] = _added(groups.get(key), tensor, block)
    return tuple(groups.values())


def _mix(shape: Shape, architecture: str, quantization: str, values: int) -> Mix:
    if quantization not in MIXES:
        raise UsageError(
            f"{quantization!r} is not a quantization that can be predicted.",
            f"These can: {', '.join(MIXES)}.",
        )
    return Mix(
        quantization,
        layers=shape.layers,
        values=values,
        heads=shape.heads,
        kv_heads=shape.kv_heads,
        experts=shape.experts.count if shape.experts else 0,
        tied=shape.tied,
        family=architecture,
    )


def _block(mix: Mix, tensor: PlannedTensor, before: int) -> BlockType:
    if tensor.part is Part.SMALL:
        return TYPES_BY_NAME["F32"]
    stacked = tensor.count > 1
    return mix.type_of(Place(tensor.part, tensor.columns, stacked, tensor.layer, before))


def _added(group: WeightGroup | None, tensor: PlannedTensor, block: BlockType) -> WeightGroup:
    size = tensor.elements // block.elements * block.bytes
    if group is None:
        return WeightGroup(tensor.role, block.name, 1, tensor.elements, size, _rows(tensor))
    return WeightGroup(
        group.role,
        group.type,
        group.tensors + 1,
        group.elements + tensor.elements,
        group.size + size,
        group.rows + _rows(tensor),
    )


def _rows(tensor: PlannedTensor) -> int:
    """As `shape_of` counts them: a vector has none."""
    return tensor.rows * tensor.count if tensor.rows > 1 else 0


def _layer(shape: Shape, architecture: str, index: int) -> LayerShape:
    """As `shape_of` has it from a header: a layer with a state has no key heads."""
    experts, hybrid = shape.experts, shape.hybrid
    sparse = experts is not None and index >= experts.dense_layers
    width = experts.width if experts is not None and sparse else shape.feed_forward_width
    borrows = index >= shape.layers - shape.borrowed_caches
    if borrows and shape.borrowed_width is not None:
        width = shape.borrowed_width
    if hybrid is not None and not hybrid.attends(index):
        head = shape.head_width
        state = _state(shape.embedding_width, hybrid)
        return LayerShape(shape.heads, 0, head, head, width, state=state)
    if shape.latent is not None:
        return _latent(shape.heads, shape.latent, width)
    head = head_width_at(shape, index)
    return LayerShape(
        heads=shape.heads,
        kv_heads=kv_heads_at(shape, index),
        key_width=head,
        value_width=head,
        feed_forward_width=width,
        window=None if shape.sees_all(index) else shape.window,
        cached=not borrows and architecture not in NO_CACHE,
    )


def _state(width: int, hybrid: Hybrid) -> int:
    """The last inputs of the convolution and the state itself, as llama.cpp counts them."""
    before = hybrid.convolution - 1
    if hybrid.mixer is Mixer.CONVOLUTION:
        return width * before
    inner = hybrid.inner_width or hybrid.value_heads * hybrid.state_width
    return before * (inner + 2 * hybrid.key_heads * hybrid.state_width) + hybrid.state_width * inner


def _latent(heads: int, latent: LatentAttention, width: int) -> LayerShape:
    """One compressed vector a token, kept as the key; values are read out of the same bytes."""
    return LayerShape(heads, 1, latent.cache_width + latent.position_width, 0, width)
