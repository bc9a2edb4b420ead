"""How much memory a model takes at its peak, from its shape: the engine's resident bytes, in parts.

The formulas are llama.cpp's own (its cache and graph code, October 2026); the few figures that are
no formula were measured on Linux on x86-64 and say so. `benchmarks/memory_prediction.py` holds the
whole against the peak of real runs. It is the peak of one request that fills the context; what it
does not know is named in `missing` and not counted.
"""

from __future__ import annotations

import platform
from collections.abc import Iterator

from freehold.device.cache_need import cache_bytes, kept_states
from freehold.device.compute_need import compute_bytes
from freehold.device.estimates import MemoryNeed, RunShape
from freehold.formats.model_shape import ModelShape, WeightGroup, WeightRole

_F32 = 4

ENGINE = 35_000_000
"""The worker with nothing loaded but a model of no size: Python, the binding's code, llama.cpp's
tables and threads. Measured: 34.4 MB with a vocabulary of 512."""
TOKEN = 165
"""Bytes kept for each token of a vocabulary: its text three times over, in hash tables. Measured:
148 (Gemma 3, 262,144 tokens) to 187 (synthetic)."""
MERGE = 220
"""Bytes kept for each pair that a byte-pair vocabulary joins. Measured: 182 (synthetic) to 271
(SmolLM2, whose tokens are longer)."""
CANDIDATE = 12
"""Bytes for each token among which the next one is chosen: id, logit, probability."""

REARRANGED = {
    "AVX2": ("Q4_0", "Q4_K", "IQ4_NL", "MXFP4"),
    "AVX512": ("Q2_K",),
    "DOTPROD": ("Q4_0", "Q4_K", "Q5_K", "Q6_K", "Q8_0", "IQ4_NL", "MXFP4", "Q1_0"),
}
"""Block types that llama.cpp copies into another order at load, by what the engine can use."""


def memory_need(shape: ModelShape, run: RunShape) -> MemoryNeed:
    """Bytes at the peak of one request that fills the context."""
    copies = rearranged_bytes(shape, run)
    spare = 0
    weights = shape.size
    if copies and run.memory_map:
        spare = min(copies, weights)
    elif copies:  # moved rather than copied, but for an embedding that is the output matrix too
        weights -= sum(group.size for group in _rearranged(shape, run))
    return MemoryNeed(
        weights=weights,
        cache=cache_bytes(shape, run) + kept_states(shape, run),
        compute=compute_bytes(shape, run),
        output=shape.vocabulary * run.parallel * (_F32 + CANDIDATE),
        overhead=ENGINE + vocabulary_bytes(shape) + copies,
        spare=spare,
        missing=shape.unknown,
    )


def vocabulary_bytes(shape: ModelShape) -> int:
    """The tokenizer's tables. Where the merges are not known, as many as tokens are assumed."""
    merges = shape.vocabulary if shape.merges is None else shape.merges
    return shape.vocabulary * TOKEN + merges * MERGE


def rearranged_bytes(shape: ModelShape, run: RunShape) -> int:
    """The copies that llama.cpp makes of matrices in an order that suits the processor.

    An embedding that is the output matrix too is copied for that use.
    """
    copied = sum(group.size for group in _rearranged(shape, run))
    if shape.tied:
        copied += sum(
            group.size
            for group in shape.weights
            if group.role is WeightRole.EMBEDDING and group.type in _types(run)
        )
    return copied


def _rearranged(shape: ModelShape, run: RunShape) -> Iterator[WeightGroup]:
    types = _types(run)
    for group in shape.weights:
        looked_up = group.role in {WeightRole.EMBEDDING, WeightRole.TABLE}
        if group.type in types and not looked_up:
            yield group


def _types(run: RunShape) -> frozenset[str]:
    if not run.repack:
        return frozenset()
    sets = run.instruction_sets
    if sets is None:
        sets = ("DOTPROD",) if _is_arm() else ("AVX2",)
    return frozenset(kind for name in sets for kind in REARRANGED.get(name, ()))


def _is_arm() -> bool:
    return platform.machine().lower() in {"arm64", "aarch64"}
