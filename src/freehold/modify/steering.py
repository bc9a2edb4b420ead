"""A direction for each layer: where the residual stream goes for one kind of text, not for another.

With `mean`, the mean of one kind's last positions less the mean of the other's (Turner et al.,
2023). With `pca`, the first principal component of the pairs' differences, as long as their mean
projection on it (Zou et al., 2023). Scale 1 is the whole distance between the two kinds at each
layer; since every layer adds its own, a smaller scale is often enough.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from freehold.errors import FormatError, UsageError
from freehold.formats.blocks.layout import Floats
from freehold.progress import SILENT, Progress, Task
from freehold.transformer.transformer import Transformer

Way = Literal["mean", "pca"]


@dataclass(frozen=True, eq=False)
class Steering:
    """What was found."""

    directions: dict[int, Floats]
    """By layer, from 1: what is added to its output."""
    apart: tuple[float, ...]
    """For each of those layers: how well the direction tells the two kinds apart, as the share of
    texts that lie on their own kind's side of the middle."""


def find_directions(
    model: Transformer,
    toward: Sequence[Sequence[int]],
    away: Sequence[Sequence[int]],
    way: Way,
    layers: tuple[int, int],
    progress: Progress = SILENT,
) -> Steering:
    """The directions of layers `layers[0]` to `layers[1]`, counted from 0; 0 itself has none.

    Raises UsageError for layers that the model has not, and for `pca` of texts that are no pairs.
    """
    first, last = layers
    if not 1 <= first <= last < model.config.layers:
        raise UsageError(
            f"Layers {first} to {last} cannot be pushed: it can be those from 1 to "
            f"{model.config.layers - 1}."
        )
    if way == "pca" and len(toward) != len(away):
        raise UsageError(
            f"pca looks at pairs, and there are {len(toward)} texts on one side and {len(away)} on "
            "the other.",
            "Give as many on both, or use --way mean.",
        )
    with progress.task("Reading", len(toward) + len(away), "texts") as task:
        ones = np.stack([_last(model, ids, task) for ids in toward])
        others = np.stack([_last(model, ids, task) for ids in away])
    directions: dict[int, Floats] = {}
    apart = []
    for layer in range(first, last + 1):
        one, other = ones[:, layer], others[:, layer]
        direction = one.mean(0) - other.mean(0) if way == "mean" else _component(one - other)
        if not np.isfinite(direction).all() or not direction.any():
            raise FormatError(f"Nothing sets the texts apart in layer {layer}.")
        directions[layer] = direction.astype(np.float32)
        apart.append(_told_apart(one, other, direction))
    return Steering(directions, tuple(apart))


def _last(model: Transformer, ids: Sequence[int], task: Task) -> Floats:
    """What each layer left at a text's last position: (layers, width)."""
    found = model.trace(ids, keep=("residual",), logits=False).residual[1:, -1].copy()
    task.advance(1)
    return found


def _component(differences: Floats) -> Floats:
    mean = differences.mean(0)
    # Not centred: what all pairs have in common is what is looked for.
    _, _, components = np.linalg.svd(differences, full_matrices=False)
    component: Floats = components[0]
    along = float(mean @ component)
    scaled: Floats = component * np.float32(along)
    return scaled


def _told_apart(one: Floats, other: Floats, direction: Floats) -> float:
    ours, theirs = one @ direction, other @ direction
    middle = (ours.mean() + theirs.mean()) / 2
    return float(((ours > middle).sum() + (theirs <= middle).sum()) / (len(ours) + len(theirs)))
