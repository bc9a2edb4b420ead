"""Adapters and control vectors in the decoder: what they add, where the engine adds it."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from freehold.formats.control_vector import read_vector
from freehold.formats.control_vector_header import check_vector_fits
from freehold.formats.gguf import GgufHeader, read_header
from freehold.formats.lora import read_fitting
from freehold.transformer.hooks import Hook
from freehold.transformer.weights import Delta

Scaled = Sequence[tuple[str | os.PathLike[str], float]]
"""Files, each with how strongly it is meant."""


def read_deltas(base: GgufHeader, adapters: Scaled) -> dict[str, list[Delta]]:
    """What adapters add to the matrices of a model, by the matrices' names.

    Raises FormatError, UnsupportedModel, and UsageError for one that does not fit.
    """
    deltas: dict[str, list[Delta]] = {}
    for path, scale in adapters:
        lora = read_fitting(Path(path), base, base.label)
        for name, pair in lora.pairs.items():
            strength = np.float32(lora.strength(name, scale))
            deltas.setdefault(name, []).append(Delta(pair.b * strength, pair.a))
    return deltas


def steering_hooks(base: GgufHeader, vectors: Scaled) -> dict[str, Hook]:
    """Hooks for `Transformer.trace` that push each layer's output as control vectors say.

    Raises FormatError, and UsageError for one that does not fit.
    """
    pushes: dict[int, NDArray[np.float32]] = {}
    for path, scale in vectors:
        header = read_header(path)
        check_vector_fits(header, base, Path(path).stem, base.label)
        for layer, direction in read_vector(Path(path)).directions.items():
            push = direction * np.float32(scale)
            pushes[layer] = pushes[layer] + push if layer in pushes else push
    return hooks_of(pushes)


def hooks_of(pushes: Mapping[int, NDArray[np.float32]]) -> dict[str, Hook]:
    """Hooks that add a direction, (width,), to the output of each layer named."""
    return {f"layers.{layer}.output": _adding(push) for layer, push in pushes.items()}


def _adding(push: NDArray[np.float32]) -> Hook:
    def hook(value: NDArray[np.float32], _: str) -> NDArray[np.float32]:
        pushed: NDArray[np.float32] = value + push
        return pushed

    return hook
