"""What a step of a model consists of, counted: bytes to read, numbers to compute, things to call.

A step is one answer token, or one batch of a prompt. Its time is the sum of its counts, each times
what one of its kind costs on a machine; a calibration finds those costs by measuring steps whose
counts are known. Counts follow from a model's shape alone and know nothing of any machine.

Weights are read whole for an answer token, so their bytes count. In a batch of a prompt they are
unpacked once and then computed with for each token, so both count. Attention looks at every token
before it, or at those in its window: per token, per head, per number, and per byte of the cache,
which heads share. Small steps are dominated by the number of operations, at each of which the
threads wait for each other. Matrices of short rows cost more than their bytes: each row is begun,
and added up, by itself; those of the output matrix, one for each token of the vocabulary, are
chosen among as well.

Not counted: speculation, more than one request at a time, layers without attention other than by
their weights, images and sound.
"""

from __future__ import annotations

from collections import defaultdict

from freehold.device.estimates import RunShape
from freehold.formats.gguf_types import BLOCK_TYPES
from freehold.formats.model_shape import LayerShape, ModelShape, WeightGroup, WeightRole

Counts = defaultdict[str, float]
"""How many of each kind; kinds that depend on a block type end in `:` and its name."""

STEP = "step"
"""Once for each step."""
OPERATION = "operation"
"""Operations of the graph, at each of which the threads meet."""
ACTIVATION = "activation"
"""Numbers that pass between matrices for each prompt token: norms, positions, gates."""
READ = "read"
"""Bytes of weights, for one token."""
DOT = "dot"
"""Rows of weights, for one token, whatever their type."""
START = "start"
"""Bytes of weights, for a batch whatever its size."""
COMPUTE = "compute"
"""Multiplications and additions, in a batch."""
ROW = "row"
"""Pieces of the cache that the slowest thread fetches, for one token: a token's keys and values,
which lie apart where heads of others stand between. Those of a single key head are one long piece,
which the processor fetches ahead; they count nothing."""
HEAD = "head"
"""Heads times tokens looked at, for one token."""
NUMBER = "number"
"""Numbers of keys and values looked at by all heads, for one token."""
CACHED = "cached"
"""Bytes of the cache looked at, for one token."""
BATCH_HEAD = "batch-head"
BATCH_NUMBER = "batch-number"
"""The same in a batch, for all its tokens."""

_OPERATIONS_PER_LAYER = 8
"""Beside one for each tensor: positions, storing keys and values, attention, gate, sums."""
_CACHE_STEP = 256
_SHARED_BY_TOKENS = 512
_FLOATS = frozenset({"F16", "F32"})
_BYTES_PER_NUMBER = {block.name: block.bytes / block.elements for block in BLOCK_TYPES.values()}


def answer_counts(shape: ModelShape, run: RunShape, depth: int, threads: int) -> Counts:
    """One answer token after `depth` tokens, by so many threads."""
    counts: Counts = defaultdict(float)
    _add_fixed(counts, shape)
    for group in shape.weights:
        share = _read_share(shape, group)
        counts[f"{READ}:{group.type}"] += share * group.size
        counts[DOT] += share * group.rows
    cache = _cache_name(run)
    for layer in shape.layers:
        share, pieces = _slowest_share(run, layer, depth + 1, threads)
        seen = share * threads
        numbers = layer.key_width + layer.value_width
        counts[f"{ROW}:{cache}"] += pieces if layer.kv_heads > 1 else 0
        counts[f"{HEAD}:{cache}"] += layer.heads * seen
        counts[f"{NUMBER}:{cache}"] += layer.heads * numbers * seen
        counts[f"{CACHED}:{cache}"] += _cache_bytes(layer, run) * seen
    return counts


def prompt_counts(shape: ModelShape, run: RunShape, tokens: int, depth: int) -> Counts:
    """A prompt of `tokens` tokens after `depth` others, in as many batches as it takes."""
    counts: Counts = defaultdict(float)
    done = 0
    step = max(1, min(run.batch, run.micro_batch))
    while done < tokens:
        size = min(step, tokens - done)
        for kind, count in _batch_counts(shape, run, size, depth + done).items():
            counts[kind] += count
        done += size
    if tokens > 0:
        for group in shape.weights:
            if _is_output(shape, group):
                counts[f"{READ}:{group.type}"] += group.size
                counts[DOT] += group.rows
    return counts


def _batch_counts(shape: ModelShape, run: RunShape, tokens: int, depth: int) -> Counts:
    counts: Counts = defaultdict(float)
    _add_fixed(counts, shape)
    for group in shape.weights:
        if group.role in (WeightRole.LAYER, WeightRole.EXPERT):
            share, every = _used_share(shape, group), 1 - _left_out(shape, group)
            # Of `tokens` tokens with independent choices, some go to nearly every expert.
            counts[f"{START}:{group.type}"] += every * group.size * (1 - (1 - share) ** tokens)
            counts[f"{COMPUTE}:{group.type}"] += every * 2 * group.elements * share * tokens
    cache = _cache_name(run)
    for place, layer in enumerate(shape.layers, 1):
        looked = _looked_at(tokens, depth, layer.window)
        numbers = layer.key_width + layer.value_width
        counts[f"{BATCH_HEAD}:{cache}"] += layer.heads * looked
        counts[f"{BATCH_NUMBER}:{cache}"] += layer.heads * numbers * looked
        counts[ACTIVATION] += tokens * _attention_activations(shape, layer)
        if place < len(shape.layers):
            counts[ACTIVATION] += tokens * _feed_forward_activations(shape, layer)
    return counts


def _slowest_share(
    run: RunShape, layer: LayerShape, tokens: int, threads: int
) -> tuple[float, float]:
    """What the thread with most to do looks at, as tokens of all heads; and pieces it fetches.

    The cache is looked at in steps of `_CACHE_STEP` tokens. A short one is shared out by heads: a
    thread fetches each token's part once for each of its key heads. A longer one is shared out by
    tokens: all heads of a token are beside each other, and come together. Then a thread whose
    tokens are not there yet waits for the others.
    """
    room = -(-min(tokens, run.context) // _CACHE_STEP) * _CACHE_STEP
    if layer.window is not None:
        # The cache of a window holds a batch more; what lies outside is passed over.
        tokens = min(tokens, layer.window)
        room = min(room, layer.window + run.micro_batch)
    if room >= _SHARED_BY_TOKENS and _is_plain_cache(run):
        share = min(float(tokens), room / threads)
        return share, share
    share = tokens * -(-layer.heads // threads) / max(1, layer.heads)
    return share, tokens * -(-layer.kv_heads // threads)


def _is_plain_cache(run: RunShape) -> bool:
    return run.flash_attention and run.key_type == run.value_type and run.key_type in _FLOATS


def _left_out(shape: ModelShape, group: WeightGroup) -> float:
    """The part of a group that the last layer leaves out in a prompt.

    Behind its attention only the last token of the prompt goes on, since only that is answered.
    """
    if not shape.layers:
        return 0.0
    if group.role is WeightRole.EXPERT:
        return 1 / len(shape.layers)
    layer = shape.layers[-1]
    before = shape.embedding_width * (
        layer.heads * layer.key_width + layer.kv_heads * (layer.key_width + layer.value_width)
    )
    whole = sum(each.elements for each in shape.weights if each.role is WeightRole.LAYER)
    return max(0.0, 1 / len(shape.layers) - before / max(1, whole))


def _add_fixed(counts: Counts, shape: ModelShape) -> None:
    counts[STEP] += 1
    tensors = sum(group.tensors for group in shape.weights)
    counts[OPERATION] += tensors + _OPERATIONS_PER_LAYER * len(shape.layers)


def _is_output(shape: ModelShape, group: WeightGroup) -> bool:
    wanted = WeightRole.EMBEDDING if shape.tied else WeightRole.OUTPUT
    return group.role is wanted


def _read_share(shape: ModelShape, group: WeightGroup) -> float:
    """The part of a group that one answer token reads."""
    row_by_row = group.role is WeightRole.EMBEDDING and not shape.tied
    if row_by_row or group.role is WeightRole.TABLE:
        return 1 / max(1, shape.vocabulary)
    return _used_share(shape, group)


def _used_share(shape: ModelShape, group: WeightGroup) -> float:
    if group.role is not WeightRole.EXPERT or not shape.experts:
        return 1.0
    return min(1.0, shape.experts_used / shape.experts)


def _looked_at(tokens: int, depth: int, window: int | None) -> int:
    """Tokens that each of `tokens` looks at, added up, the first of them after `depth` others."""
    if window is None:
        return tokens * depth + tokens * (tokens + 1) // 2
    growing = min(tokens, max(0, window - depth))  # the window is not full yet
    return growing * depth + growing * (growing + 1) // 2 + (tokens - growing) * window


def _attention_activations(shape: ModelShape, layer: LayerShape) -> int:
    """Numbers that one token's way through a layer's attention writes between its matrices."""
    attention = layer.heads * (2 * layer.key_width + layer.value_width)
    cache = layer.kv_heads * (layer.key_width + layer.value_width)
    return 3 * shape.embedding_width + attention + 2 * cache


def _feed_forward_activations(shape: ModelShape, layer: LayerShape) -> int:
    inner = layer.feed_forward_width * max(1, shape.experts_used)
    return 3 * shape.embedding_width + 3 * inner


def _cache_name(run: RunShape) -> str:
    if not run.flash_attention:
        return "plain"
    return run.key_type if run.key_type == run.value_type else f"{run.key_type}/{run.value_type}"


def _cache_bytes(layer: LayerShape, run: RunShape) -> float:
    keys = layer.key_width * _BYTES_PER_NUMBER.get(run.key_type, 2.0)
    return layer.kv_heads * (keys + layer.value_width * _BYTES_PER_NUMBER.get(run.value_type, 2.0))
