"""How much scratch space the largest step of computing takes.

llama.cpp lays the results of a step's operations into one buffer, each where a finished one was.
What lies there at the worst moment was read off its log for many shapes (two layers, contexts of
512 to 32,768 tokens, steps of 128 to 512): it grows with the step's tokens, and with

- the mask that says which tokens see which: the cache's cells, once for each kind of layer;
- five times the model's width, what flows past a layer, and three times the width inside it;
- without flash attention, every head's attention to every cell, and the mask in full precision.

Beside the buffer there is the input of one matrix in the type that it is multiplied in: packed as
the weights want it, or in half precision.
"""

from __future__ import annotations

from freehold.device.cache_need import cells, step, window_cells
from freehold.device.estimates import RunShape
from freehold.formats.model_shape import ModelShape, WeightRole

_F32 = 4
_F16 = 2
_MULTIPLIED_AS_F16 = frozenset({"F16", "BF16"})
_BLOCK_COST = 1.14
"""Bytes for each number of an input packed as Q8_K, the larger of the two usual types."""


def compute_bytes(shape: ModelShape, run: RunShape) -> int:
    """Bytes of the largest step."""
    if not shape.layers:
        return 0
    inside = _inside(shape)
    queries = max(layer.heads * layer.key_width for layer in shape.layers)
    attending = 3 * queries * _F32
    packed = max(inside, queries) * _input_cost(shape)
    if not run.flash_attention:
        scores = max(layer.heads * _room(layer.window, run) for layer in shape.layers)
        attending = (2 * queries + scores) * _F32
        packed = max(packed, scores * _F16)
    at_once = 5 * shape.embedding_width * _F32 + max(3 * inside * _F32, attending)
    return step(run) * int(_mask(shape, run) + at_once + packed)


def _inside(shape: ModelShape) -> int:
    """Numbers inside a layer at once; of all experts that are used where there are experts.

    Models with experts often begin with a few layers without, which are wider than one expert.
    """
    widest = max(layer.feed_forward_width for layer in shape.layers)
    return max(widest, shape.layers[-1].feed_forward_width * max(shape.experts_used, 1))


def _room(window: int | None, run: RunShape) -> int:
    return cells(run) if window is None else window_cells(window, run)


def _mask(shape: ModelShape, run: RunShape) -> int:
    """Bytes for each token of the step."""
    kinds = {layer.window for layer in shape.layers if layer.cached and layer.kv_heads}
    cost = _F16 if run.flash_attention else _F32
    return sum(_room(window, run) for window in kinds) * cost


def _input_cost(shape: ModelShape) -> float:
    """Bytes for each number that a matrix is multiplied with."""
    matrices = [group for group in shape.weights if group.role is not WeightRole.EMBEDDING]
    most = max(matrices, key=lambda group: group.size, default=None)
    return _F16 if most is not None and most.type in _MULTIPLIED_AS_F16 else _BLOCK_COST
