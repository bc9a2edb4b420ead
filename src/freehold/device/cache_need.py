"""How large the keys, values and states are that the engine keeps of what it has read.

llama.cpp allocates and clears the whole cache at the start, so all of it is resident at once.
"""

from __future__ import annotations

from freehold.device.estimates import RunShape
from freehold.formats.gguf_types import TYPES_BY_NAME
from freehold.formats.model_shape import ModelShape

PADDING = 256
"""Caches come in multiples of so many tokens."""
_BEFORE_THE_END = 4
"""Tokens."""
_F32 = 4


def cells(run: RunShape) -> int:
    """Tokens that the cache of one request has room for."""
    return _padded(run.context)


def window_cells(window: int, run: RunShape) -> int:
    """The same for a layer with a window: it also holds the step that is being computed."""
    return _padded(min(cells(run), window + step(run)))


def step(run: RunShape) -> int:
    """Tokens that are computed at once, at most."""
    return min(run.micro_batch, run.batch, run.context * run.parallel)


def cache_bytes(shape: ModelShape, run: RunShape) -> int:
    """Keys and values of every layer that keeps them, and states, for all requests at once."""
    size = 0
    values = max((layer.kv_heads * layer.value_width for layer in shape.layers), default=0)
    for layer in shape.layers:
        # Without flash attention values lie across, in rows as long as the widest layer's.
        width = layer.kv_heads * layer.value_width if run.flash_attention else values
        room = cells(run) if layer.window is None else window_cells(layer.window, run)
        if layer.cached and layer.kv_heads:
            size += room * _bytes(run.key_type, layer.kv_heads * layer.key_width)
            size += room * _bytes(run.value_type, width if layer.value_width else 0)
        size += layer.state * _F32
    return size * run.parallel


def kept_states(shape: ModelShape, run: RunShape) -> int:
    """Copies of windows and states that the server makes of a prompt, to be able to go back.

    It makes one at the last question, one a step before the prompt's end and one at its end; a
    window that is not full yet is copied as far as it is.
    """
    end = max(run.context - _BEFORE_THE_END, 0)
    earlier = max(end - step(run), 0)
    kept = (earlier, earlier, end)
    return run.parallel * sum(_state_at(tokens, shape, run) for tokens in kept)


def _state_at(tokens: int, shape: ModelShape, run: RunShape) -> int:
    size = 0
    for layer in shape.layers:
        size += layer.state * _F32
        if layer.window is not None and layer.cached:
            per_token = _bytes(run.key_type, layer.kv_heads * layer.key_width)
            per_token += _bytes(run.value_type, layer.kv_heads * layer.value_width)
            size += min(layer.window, tokens) * per_token
    return size


def _bytes(kind: str, numbers: int) -> int:
    block = TYPES_BY_NAME[kind]
    return -(-numbers // block.elements) * block.bytes


def _padded(tokens: int) -> int:
    return -(-tokens // PADDING) * PADDING
