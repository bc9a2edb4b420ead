"""Copies of a prompt's run, each with one thing in it taken from another prompt's.

What is patched is changed up to the end of its layer, where every position still is by itself; from
there on the copies are ordinary residual streams: see `patch`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from enum import StrEnum
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from freehold.transformer.trace import Trace
    from freehold.transformer.transformer import Transformer

    Floats = NDArray[np.float32]

OF_A = ("residual", "layers.*.attention.heads", "layers.*.attention.output", "layers.*.mlp.output")
OF_B = ("residual", "layers.*.middle")
"""What must be kept of the two runs."""


class Part(StrEnum):
    """What is taken from A."""

    RESIDUAL = "residual"
    """The whole stream after a layer."""
    ATTENTION = "attention"
    """What a layer's attention adds to it."""
    MLP = "mlp"
    """What its feed-forward part adds."""
    HEADS = "heads"
    """What one head of a layer's attention gathers, at all positions."""


def planted(
    model: Transformer, parts: Sequence[Part], a: Trace, b: Trace, places: Sequence[int]
) -> Iterator[Floats]:
    """After the embedding, then after each layer: the copies of B that are changed there.

    Each is (positions, width) with one row changed; in the order of `parts`, then of `places`.
    """
    embedded = places if Part.RESIDUAL in parts else ()
    yield _copies(b.residual[0], a.residual[0], embedded)
    for layer in range(model.config.layers):
        changed = [_changed(model, part, layer, a, b) for part in parts]
        whole = b.residual[layer + 1]
        yield np.concatenate([_copies(whole, each, places) for each in changed])


def _changed(model: Transformer, part: Part, layer: int, a: Trace, b: Trace) -> Floats:
    """What B has after a layer (positions, width) where every position is given A's `part`.

    Up to the end of the layer each position is by itself then: one row is one position's change.
    """
    if part is Part.RESIDUAL:
        return np.asarray(a.residual[layer + 1])
    if part is Part.MLP:
        added = a.activations[f"layers.{layer}.mlp.output"]
        return np.asarray(b.activations[f"layers.{layer}.middle"] + added)
    name = f"layers.{layer}.attention.output"
    hooks = {name: lambda _, name: a.activations[name]}
    return np.asarray(model.run_layer(b.residual[layer][None], layer, hooks)[0])


def _copies(whole: Floats, changed: Floats, places: Sequence[int]) -> Floats:
    """A copy of `whole` (positions, width) for each of `places`, which it has from `changed`."""
    copies = np.repeat(whole[None], len(places), axis=0)
    copies[np.arange(len(places)), list(places)] = changed[list(places)]
    return copies


def planted_heads(model: Transformer, a: Trace, b: Trace, heads: Sequence[int]) -> Iterator[Floats]:
    """After the embedding, where there are none, then after each layer: a copy for each head."""
    positions, width = b.residual[0].shape
    yield np.empty((0, positions, width), np.float32)
    for layer in range(model.config.layers):
        name = f"layers.{layer}.attention.heads"
        of_a = a.activations[name]

        def swap(value: Floats, _: str, of_a: Floats = of_a) -> Floats:
            changed = value.reshape(len(heads), positions, *value.shape[1:]).copy()
            for copy, head in enumerate(heads):
                changed[copy, :, head] = of_a[:, head]
            return changed.reshape(value.shape)

        texts = np.repeat(b.residual[layer][None], len(heads), axis=0)
        yield model.run_layer(texts, layer, {name: swap})
