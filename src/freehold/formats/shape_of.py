"""The shape of a model from its header alone, by the rules that llama.cpp runs it by.

A header is not trusted: what it leaves out, and what it says that cannot be, is named in `unknown`
and left at nothing, so every file that can be read has a shape. Weights are always the tensors'
own sizes. What a family's attention does beyond its header comes from `families`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable

from freehold.formats.families import KNOWN, MORE_THAN_COUNTED
from freehold.formats.gguf import GgufHeader, TensorInfo
from freehold.formats.gguf_facts import GgufFacts, at_layer, read_facts
from freehold.formats.gguf_lookup import array, integer, per_layer
from freehold.formats.layer_memory import LayerMemory
from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole

MAX_LAYERS = 512
"""More than llama.cpp runs; a header that claims more is not believed."""
MOST = 1 << 31
"""A width, a context or a vocabulary beyond this is not believed either."""
_DOWN = re.compile(r"blk\.(\d{1,3})\.ffn_down(?:_exps)?\.weight", re.ASCII)
_TABLES = ("per_layer_token_embd", "position_embd", "token_types")


def shape_of(header: GgufHeader, *other_parts: GgufHeader) -> ModelShape:
    """The shape of a model. A split model's first part says it; the others only add tensors."""
    facts = read_facts(header, *other_parts)
    tensors = [tensor for part in (header, *other_parts) for tensor in part.tensors]
    unknown = list(_doubts(facts))
    return ModelShape(
        architecture=facts.architecture,
        layers=_layers(header, facts, tensors, unknown),
        embedding_width=_sane(facts.network.embedding_width) or _width(tensors),
        vocabulary=_vocabulary(facts, tensors, unknown),
        context_length=_sane(facts.network.context_length) or None,
        weights=weight_groups(tensors),
        experts=_sane(facts.network.experts),
        experts_used=min(_sane(facts.network.experts_used), _sane(facts.network.experts)),
        merges=_merges(header, facts),
        unknown=tuple(unknown),
    )


def weight_groups(tensors: Iterable[TensorInfo]) -> tuple[WeightGroup, ...]:
    """Tensors added up by what they do and how they are packed, largest first."""
    groups: dict[tuple[WeightRole, str], list[TensorInfo]] = {}
    for tensor in tensors:
        groups.setdefault((_role(tensor.name), tensor.type.name), []).append(tensor)
    found = (
        WeightGroup(
            role=role,
            type=kind,
            tensors=len(group),
            elements=sum(tensor.elements for tensor in group),
            size=sum(tensor.size for tensor in group),
            rows=sum(_rows(tensor) for tensor in group),
        )
        for (role, kind), group in groups.items()
    )
    return tuple(sorted(found, key=lambda group: group.size, reverse=True))


def _rows(tensor: TensorInfo) -> int:
    """Of a matrix; a vector has none."""
    return math.prod(tensor.shape[1:]) if len(tensor.shape) > 1 else 0


def _role(name: str) -> WeightRole:
    if name == "token_embd.weight":
        return WeightRole.EMBEDDING
    if name == "output.weight":
        return WeightRole.OUTPUT
    if name.split(".")[0] in _TABLES:
        return WeightRole.TABLE
    return WeightRole.EXPERT if "_exps." in name else WeightRole.LAYER


def _doubts(facts: GgufFacts) -> Iterable[str]:
    if facts.architecture is None:
        yield "which family it is of"
    elif facts.architecture not in KNOWN:
        yield f"how the family {facts.architecture[:40]!r} uses its layers"
    elif facts.architecture in MORE_THAN_COUNTED:
        yield MORE_THAN_COUNTED[facts.architecture]


def _layers(
    header: GgufHeader, facts: GgufFacts, tensors: list[TensorInfo], unknown: list[str]
) -> tuple[LayerShape, ...]:
    network = facts.network
    count = _sane(network.layers)
    if not 0 < count <= MAX_LAYERS:
        unknown.append("how many layers it has")
        return ()
    experts = per_layer(header, f"{facts.architecture}.expert_feed_forward_length")
    dense = integer(header, f"{facts.architecture}.leading_dense_block_count") or 0
    widths = _feed_forward_widths(tensors)
    memory = LayerMemory(header, facts, count)
    layers = []
    for index in range(count):
        feed_forward = at_layer(network.feed_forward_width, index)
        if experts is not None and index >= dense:
            feed_forward = at_layer(experts, index) or feed_forward
        heads, kv_heads = at_layer(network.heads, index), at_layer(network.kv_heads, index)
        key_width, value_width = memory.widths(index)
        layers.append(
            LayerShape(
                heads=_sane(heads),
                kv_heads=memory.kv_heads(index, _sane(kv_heads)),
                key_width=_sane(key_width),
                value_width=_sane(value_width),
                feed_forward_width=_sane(feed_forward) or widths.get(index, 0),
                window=memory.window(index),
                cached=memory.cached(index),
                state=memory.state(index),
            )
        )
    unknown += memory.unknown(layers)
    return tuple(layers)


def _feed_forward_widths(tensors: list[TensorInfo]) -> dict[int, int]:
    """By layer, from the matrices themselves, for headers that leave it out."""
    found = {}
    for tensor in tensors:
        match = _DOWN.fullmatch(tensor.name)
        if match and tensor.shape:
            found[int(match[1])] = tensor.shape[0]
    return found


def _width(tensors: list[TensorInfo]) -> int:
    for tensor in tensors:
        if tensor.name == "token_embd.weight" and tensor.shape:
            return tensor.shape[0]
    return 0


def _vocabulary(facts: GgufFacts, tensors: list[TensorInfo], unknown: list[str]) -> int:
    if known := _sane(facts.tokenizer.vocabulary):
        return known
    for tensor in tensors:
        if tensor.name in {"token_embd.weight", "output.weight"} and len(tensor.shape) > 1:
            return tensor.shape[1]
    unknown.append("how many tokens it knows")
    return 0


def _merges(header: GgufHeader, facts: GgufFacts) -> int | None:
    merges = array(header, "tokenizer.ggml.merges")
    if merges is not None:
        return len(merges)
    return None if facts.tokenizer.model is None else 0


def _sane(number: int | None) -> int:
    """The number, or 0 where there is none or no network could have it."""
    return number if number is not None and number < MOST else 0
